# shellcheck shell=bash
# What the tests need of the machine: found, or installed. Sourced by test/run and by the shell suites.

# The oldest Rust that builds Garage 2.5 with the versions it was released with (measured: 1.85 is refused).
OLDEST_RUST=1.89
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/isle-tools
TEST_USER=isle-test
TEST_GROUP=isle-test-more

# Each line: what shows that it is here, and the package that brings it. A probe is a command,
# with a slash a file, or with a colon a module of Python.
debian_needs() {
    cat <<'NEEDS'
mvn maven
fusermount3 fuse3
git git
sqlite3 sqlite3
rsync rsync
unzip unzip
zip zip
tar tar
setfattr attr
rclone rclone
s3fs s3fs
strace strace
vim vim
nano nano
emacs emacs-nox
gcc gcc
make make
/usr/include/stdio.h libc6-dev
python3 python3
python3:cryptography python3-cryptography
curl curl
ps procps
setpriv util-linux
ip iproute2
shellcheck shellcheck
/etc/ssl/certs/ca-certificates.crt ca-certificates
NEEDS
}

say() { printf '%s\n' "$*"; }

die() {
    printf 'test/run: %s\n' "$@" >&2
    exit 1
}

# Whether version $1 is $2 or later.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo -- "$@"
    else
        sudo -n -- "$@"
    fi
}

may_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; }

has_libfuse() { PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep -q 'libfuse\.so\.2 '; }

# The Python that has a module: the first one found, or that of the distribution, for which packages are.
python_with() {
    local python
    for python in python3 /usr/bin/python3; do
        "$python" -c "import $1" 2>/dev/null && say "$python" && return
    done
    return 1
}

# Whether what a line of debian_needs probes for is here.
is_here() {
    case $1 in
        /*) [ -e "$1" ] ;;
        python3:*) python_with "${1#python3:}" >/dev/null ;;
        *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
    esac
}

# Prints "FEATURE HOME" of every JDK or JRE of 17 or later, the newest last.
javas() {
    local home feature
    for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
        [ -x "$home/bin/java" ] || continue
        home=$(cd "$home" && pwd -P)
        feature=$("$home/bin/java" -XshowSettings:properties -version 2>&1 |
            sed -n 's/^ *java\.specification\.version = //p')
        case $feature in
            1.* | '') ;;
            *) [ "$feature" -lt 17 ] || say "$feature $home" ;;
        esac
    done | sort -n -u
}

# The JDK to build with: the oldest, because that is what the project promises to run on.
build_jdk() {
    local feature home
    javas | while read -r feature home; do
        if [ -x "$home/bin/javac" ] && [ -n "$feature" ]; then
            say "$home"
            break
        fi
    done
}

has_package() { apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [^(]'; }

# The packages that are missing. The lists of packages must be there when it is called.
missing_debian() {
    local probe package feature
    debian_needs | while read -r probe package; do
        is_here "$probe" || say "$package"
    done
    if ! has_libfuse; then
        if has_package libfuse2t64; then say libfuse2t64; else say libfuse2; fi
    fi
    if [ -z "$(build_jdk)" ]; then
        for feature in 17 21 25; do
            if has_package "openjdk-$feature-jdk-headless"; then
                say "openjdk-$feature-jdk-headless"
                break
            fi
        done
    fi
    # The suite newest-jdk runs on the newest one that the distribution has.
    for feature in 25 21 17; do
        if has_package "openjdk-$feature-jre-headless"; then
            javas | grep -q "^$feature " || say "openjdk-$feature-jre-headless"
            break
        fi
    done
}

# Packages that only the build of Garage needs.
missing_for_garage() {
    local name
    [ -n "$(find_garage)" ] || [ -n "$(find_cargo)" ] && return
    for name in cargo cargo-web; do
        if at_least "$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^  Candidate: *//p')" "$OLDEST_RUST"; then
            say "$name"
            return
        fi
    done
}

other_distributions() {
    cat >&2 <<'HELP'
test/run installs what it needs only where there is apt. Elsewhere install it first:
  Fedora   sudo dnf install java-latest-openjdk-devel maven fuse-libs fuse3 git sqlite rsync unzip zip tar attr rclone s3fs-fuse strace vim-enhanced nano emacs-nox gcc make glibc-devel python3 python3-cryptography curl procps-ng util-linux iproute ShellCheck cargo
  Arch     sudo pacman -S --needed jdk-openjdk maven fuse2 fuse3 git sqlite rsync unzip zip tar attr rclone s3fs-fuse strace vim nano emacs-nox gcc make python python-cryptography curl procps-ng util-linux iproute2 shellcheck rust
  macOS    brew install openjdk maven macfuse git sqlite rsync rclone s3fs nano emacs shellcheck python cryptography rust   (the tests that mount need Linux)
HELP
}

install_packages() {
    local missing log=$1
    if ! command -v apt-get >/dev/null; then
        missing=$(
            debian_needs | while read -r probe _; do
                is_here "$probe" || say "$probe"
            done
            has_libfuse || say libfuse.so.2
            [ -n "$(build_jdk)" ] || say 'a JDK of 17 or later'
        )
        [ -z "$missing" ] && return
        say "Not here: $missing" >&2
        other_distributions
        exit 1
    fi
    # On a fresh machine there are no lists yet, so no package has a candidate.
    if ! has_package maven; then
        may_be_root && as_root apt-get update >"$log" 2>&1
    fi
    missing=$(missing_debian; missing_for_garage)
    [ -z "$missing" ] && return
    # shellcheck disable=SC2086 # one word a package
    set -- $missing
    say "installing $# packages: $*"
    may_be_root ||
        die "$# packages are missing and this is neither root nor a user with sudo." \
            "Run: sudo apt-get update && sudo apt-get install --no-install-recommends $*"
    {
        as_root apt-get update &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove --no-install-recommends "$@"
    } >>"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        die "The packages could not be installed; all of it is in $log."
    }
}

# A Garage of 2.5 or later: $GARAGE, PATH, /usr/sbin, then the folder of tools.
find_garage() {
    local candidate version
    for candidate in "${GARAGE:-}" "$(command -v garage)" /usr/sbin/garage "$TOOLS/bin/garage"; do
        [ -x "$candidate" ] || continue
        version=$("$candidate" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
        case $version in
            2.*) at_least "$version" 2.5 && say "$candidate" && return ;;
        esac
    done
}

find_cargo() {
    local candidate
    for candidate in "$(command -v cargo)" "$HOME/.cargo/bin/cargo" "$TOOLS/cargo/bin/cargo"; do
        [ -x "$candidate" ] || continue
        if at_least "$("$candidate" --version 2>/dev/null | cut -d ' ' -f 2)" "$OLDEST_RUST"; then
            say "$candidate"
            return
        fi
    done
}

# Rust from its own installer, into the folder of tools: the last resort, where no package is new enough.
install_rust() {
    say "no Rust of $OLDEST_RUST or later: installing one with rustup"
    export CARGO_HOME=$TOOLS/cargo RUSTUP_HOME=$TOOLS/rustup
    if command -v rustup >/dev/null; then
        rustup toolchain install stable --profile minimal && rustup default stable
    else
        curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --no-modify-path
    fi >"$1" 2>&1 || {
        tail -n 5 "$1" >&2
        die "Garage cannot be built without Rust $OLDEST_RUST or later, which could not be installed." \
            "Install it as https://rustup.rs says, or set GARAGE to a Garage of 2.5 or later."
    }
}

# Runs a command with its output in a file and says once a minute that it still runs.
run_logged() {
    local what=$1 log=$2 pid status=0 minutes=0 slept
    shift 2
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        slept=0
        while [ "$slept" -lt 60 ] && kill -0 "$pid" 2>/dev/null; do
            sleep 1
            slept=$((slept + 1))
        done
        if [ "$slept" -eq 60 ]; then
            minutes=$((minutes + 1))
            say "  $what: $minutes min, $(wc -l <"$log") lines of output"
        fi
    done
    wait "$pid" || status=$?
    return "$status"
}

install_garage() {
    local logs=$1 cargo
    [ -z "$(find_garage)" ] || return 0
    cargo=$(find_cargo)
    if [ -z "$cargo" ]; then
        install_rust "$logs/rust.log"
        cargo=$(find_cargo)
        [ -n "$cargo" ] || die "Rust was installed, but no cargo of $OLDEST_RUST or later is found."
    fi
    say "building Garage 2.5 (about 12 minutes on two cores; it stays in $TOOLS)"
    mkdir -p "$TOOLS"
    run_logged 'building Garage' "$logs/garage.log" \
        nice "$cargo" install garage --locked --version '^2.5' --root "$TOOLS" || {
        tail -n 20 "$logs/garage.log" >&2
        die "Garage could not be built; all of it is in $logs/garage.log."
    }
}

# As root the tests also run as an ordinary user with a second group, and that user may open /dev/fuse.
open_fuse() {
    if [ ! -c /dev/fuse ]; then
        as_root mknod /dev/fuse c 10 229 2>/dev/null || die "There is no /dev/fuse, and it cannot be made."
    fi
    if [ "$(stat -c %a /dev/fuse)" != 666 ] && ! { [ "$(id -u)" -ne 0 ] && [ -r /dev/fuse ] && [ -w /dev/fuse ]; }; then
        as_root chmod 0666 /dev/fuse || die "/dev/fuse cannot be opened to ordinary users."
    fi
    [ "$(id -u)" -eq 0 ] || return 0
    getent group "$TEST_GROUP" >/dev/null || groupadd "$TEST_GROUP"
    if ! id "$TEST_USER" >/dev/null 2>&1; then
        useradd --create-home --shell /bin/bash --groups "$TEST_GROUP" "$TEST_USER"
    fi
}
