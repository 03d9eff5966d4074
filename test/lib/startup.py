"""startup.py JAVA CLASSPATH ARCHIVE ISLE: what `isle status` and `isle wait` cost against a bare program of picocli.

Processor time, the launcher's shell included; the programs take turns, and the smallest of the runs counts, because
other work on the machine only ever adds. Ends with 1 if a command costs more than twice the bare program.
"""
import os
import subprocess
import sys

RUNS = 12
MOST = 2.0

java, class_path, archive, isle = sys.argv[1:5]
options = [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
class_list = archive + ".classes"
subprocess.run(options + ["-XX:DumpLoadedClassList=" + class_list, "-cp", class_path, "Bare", "hello"],
               check=True, stdout=subprocess.DEVNULL)
subprocess.run(options + ["-Xshare:dump", "-XX:SharedClassListFile=" + class_list, "-XX:SharedArchiveFile=" + archive,
                          "-cp", class_path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cost(command):
    """Processor time of one run in milliseconds."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s ended with %d" % (command, process.returncode))
    return (usage.ru_utime + usage.ru_stime) * 1000


programs = {
    "bare program": options + ["-XX:SharedArchiveFile=" + archive, "-cp", class_path, "Bare", "hello"],
    "isle status": [isle, "status"],
    "isle wait": [isle, "wait"],
}
costs = {name: [] for name in programs}
for _ in range(RUNS):
    for name, command in programs.items():
        costs[name].append(cost(command))
bare = min(costs["bare program"])
worst = 0
for name, values in costs.items():
    ratio = min(values) / bare
    worst = max(worst, ratio)
    print("%s: %.0f ms, %.2f times the bare program" % (name, min(values), ratio))
sys.exit(1 if worst > MOST else 0)
