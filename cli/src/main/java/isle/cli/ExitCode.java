package isle.cli;

import isle.mountd.api.FailureKind;

/** What a command tells a script by its exit status. Fixed from the first release on. */
enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    NO_DAEMON(3),
    STORE_UNREACHABLE(4),
    TIMED_OUT(5),
    NOT_STORED(6),
    REFUSED(7);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }

    static ExitCode of(FailureKind kind) {
        return switch (kind) {
            case FAILED -> FAILED;
            case USAGE -> USAGE;
            case NO_DAEMON -> NO_DAEMON;
            case STORE_UNREACHABLE -> STORE_UNREACHABLE;
            case TIMED_OUT -> TIMED_OUT;
            case NOT_STORED -> NOT_STORED;
            case REFUSED, PROFILE_IN_USE -> REFUSED;
        };
    }
}
