# shellcheck shell=bash
# Mounts and processes of tests. Only those below a folder of test/run are touched, each by its path or its id.

# Prints the mount points of isle below a folder, the deepest first.
isle_mounts_below() {
    awk -v top="$1/" '
        { dash = 0; for (i = 7; i <= NF; i++) if ($i == "-") { dash = i; break } }
        index($5, top) == 1 && $(dash + 2) ~ /^isle:/ { print $5 }' /proc/self/mountinfo | sort -r
}

# Prints every mount point below a folder, the deepest first.
mounts_below() { awk -v top="$1/" 'index($5, top) == 1 { print $5 }' /proc/self/mountinfo | sort -r; }

unmount_one() {
    local point
    point=$(printf '%b' "$1")
    if [ "$(id -u)" -eq 0 ]; then
        timeout 10 umount "$point" 2>/dev/null || umount -l "$point"
    else
        timeout 10 fusermount3 -u "$point" 2>/dev/null || fusermount3 -u -z "$point"
    fi
}

# Prints the processes that work in a folder, have a file there as an argument, or a profile.
processes_below() {
    local top=$1 process pid
    for process in /proc/[0-9]*; do
        pid=${process#/proc/}
        [ "$pid" != $$ ] || continue
        case $(readlink "$process/cwd" 2>/dev/null) in
            "$top"/*) say "$pid" && continue ;;
        esac
        if tr '\0' '\n' <"$process/environ" 2>/dev/null | grep -qF "ISLE_HOME=$top/" ||
            tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qF "$top/"; then
            say "$pid"
        fi
    done 2>/dev/null
}

# Mounts that an earlier run left when it was killed: their daemon is gone, so they answer nothing but an error.
clean_stale_mounts() {
    local base=$1 folder point
    for folder in "$base"/isle-test.*; do
        [ -d "$folder" ] || continue
        isle_mounts_below "$folder" | while read -r point; do
            if LC_ALL=C timeout 5 stat -f "$(printf '%b' "$point")" 2>&1 | grep -q 'not connected'; then
                say "unmounting what an earlier run left: $point"
                unmount_one "$point"
            fi
        done
    done
}

# Ends and unmounts what is below a folder; prints what that was.
clean_leftovers() {
    local top=$1 pid point
    for pid in $(processes_below "$top"); do
        say "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c 1-200)"
        kill -9 "$pid" 2>/dev/null
    done
    mounts_below "$top" | while read -r point; do
        say "mount $point"
        unmount_one "$point"
    done
}
