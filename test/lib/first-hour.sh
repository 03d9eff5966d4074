#!/usr/bin/env bash
# What a person does in the first hour. Runs inside the machine that test/bare-debian makes.
set -u

say() { printf '%s\n' "$*"; }

step() { say "-- $*"; }

fail() {
    say "FAILED: $*"
    exit 1
}

# Says what it does, does it, says how long it took; stops at what fails.
try() {
    local from
    step "\$ $*"
    from=$(date +%s%N)
    "$@" </dev/null || fail "exit code $? from: $*"
    took=$(($(date +%s%N) - from))
    say "   ($((took / 1000000)) ms)"
}

clone() {
    [ -d "$HOME/isle" ] || try git clone --quiet /srv/isle.git "$HOME/isle"
    cd "$HOME/isle" || exit 1
}

work_in_the_folder() {
    cd "$HOME/Isle" || fail 'there is no folder Isle'
    ls
    say hello >public/hello.txt || fail 'a file cannot be written'
    [ "$(cat public/hello.txt)" = hello ] || fail 'the file reads differently'
    try cp -a /etc/apt public/apt
    diff -r /etc/apt public/apt || fail 'the copy differs'
    try git init --quiet protected/project
    cd protected/project || exit 1
    git config user.email ann@example.org
    git config user.name Ann
    printf 'one\n' >one
    try git add one
    try git commit --quiet -m 'First'
    try git fsck
    [ -z "$(git status --porcelain)" ] || fail 'git sees changes that nobody made'
    cd "$HOME/isle" || exit 1
}

mount_and_work() {
    clone
    [ ! -e "$HOME/Isle" ] || fail 'the folder Isle is there before the first command'
    try cli/isle mount
    grep -q " $HOME/Isle " /proc/self/mountinfo || fail 'the folder Isle is not mounted'
    work_in_the_folder
    try cli/isle status
    try cli/isle wait
    try cli/isle unmount
    ! grep -q " $HOME/Isle " /proc/self/mountinfo || fail 'the folder Isle is still mounted'
    # A busy machine may slow one start, not three.
    for _ in 1 2 3; do
        try cli/isle mount
        [ "$took" -ge 2000000000 ] || break
        try cli/isle unmount
    done
    [ "$took" -lt 2000000000 ] || fail 'each further mount took 2 s or more'
    [ "$(cat "$HOME/Isle/public/hello.txt")" = hello ] || fail 'the file is lost'
    [ -z "$(git -C "$HOME/Isle/protected/project" status --porcelain)" ] || fail 'git sees changes after the second mount'
    try cli/isle unmount
}

install_all_packages() {
    # shellcheck source=test/lib/machine.sh
    . /srv/machine.sh
    install_packages "$HOME/packages.log"
    has_libfuse || fail 'no libfuse.so.2'
    say "JDK to build with: $(build_jdk)"
    say "all: $(javas | tr '\n' ' ')"
    say "cargo: $(find_cargo), $("$(find_cargo)" --version)"
    [ -z "$(missing_debian)" ] || fail "still missing: $(missing_debian)"
    say "mvn: $(JAVA_HOME=$(build_jdk) mvn --version | head -n 1), rclone: $(rclone version | head -n 1), s3fs: $(s3fs --version | head -n 1)"
}

. /etc/os-release
say "   $PRETTY_NAME, $(id -un), $(dpkg-query -W | wc -l) packages"
case $1 in
    mount) mount_and_work ;;
    packages) install_all_packages ;;
    tests)
        clone
        try test/run
        ;;
esac
