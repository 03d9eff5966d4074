"""What operations on open files and folders do: locks, seeks, mappings, appends, listings, removed files.

    handles.py FOLDER [PATTERN]
    handles.py --list [PATTERN]     the names of the cells only

A line has the name of a cell, OPERATION | STATE | CALLER, and what came of it. Two file systems that do the same print
the same lines.
"""

import sys

import on_content
import on_folders
import on_locks
import on_mappings
import on_removed
import trial

for room in (on_locks, on_content, on_mappings, on_folders, on_removed):
    room.add_cells()
trial.main(*sys.argv[1:])
