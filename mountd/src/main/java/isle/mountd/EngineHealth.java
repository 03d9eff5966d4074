package isle.mountd;

import isle.fs.vfs.VfsStatus;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.VolumeReport;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import isle.mountd.local.Pending;

/** What an engine's figures mean for health. */
final class EngineHealth {

    private static final double NEARLY_FULL = 0.8;
    private static final double FULL = 0.97;

    private EngineHealth() {}

    /** Raises and clears. From memory and a few directory entries: it may be done for every question. */
    static void examine(Engine engine, HealthRegistry health) {
        for (VolumeReport volume : engine.volumes()) {
            examine(volume, health);
        }
        engine.examineVault();
        Engine.JournalUse use = engine.journalUse();
        double part = (double) use.usedBytes() / use.capBytes();
        String holds =
                "The journal holds " + Pending.size(use.usedBytes()) + " of at most " + Pending.size(use.capBytes());
        health.set(
                part >= NEARLY_FULL && part < FULL,
                HealthCode.JOURNAL_NEARLY_FULL,
                "",
                holds + ": writing is slowed down.",
                "Let the store catch up, or raise journal.cap in daemon.yml.");
        health.set(
                part >= FULL,
                HealthCode.JOURNAL_FULL,
                "",
                holds + ": nothing more can be written until the store has taken some.",
                "Bring the store back, or raise journal.cap in daemon.yml and restart.");
    }

    private static void examine(VolumeReport volume, HealthRegistry health) {
        health.set(
                volume.state().equals("offline"),
                HealthCode.STORE_UNREACHABLE,
                volume.name(),
                "The store of " + volume.name() + " (" + volume.store() + ") does not answer.",
                "What is cached works, and what is written is kept in the journal; check the network.");
        health.set(
                volume.pendingOperations() >= VfsStatus.mostPending(),
                HealthCode.TOO_MANY_WAITING,
                volume.name(),
                volume.pendingOperations() + " names of " + volume.name()
                        + " wait for the store, as many as fit in memory: no new ones can be made.",
                "Bring the store back, or let it catch up; isle wait tells when it has.");
        int failed = volume.failed().size();
        String first = failed > 0 ? ": " + volume.failed().get(0).reason() : "";
        health.set(
                failed > 0,
                HealthCode.CHANGES_FAILED,
                volume.name(),
                failed + (failed == 1 ? " change in " : " changes in ") + volume.name()
                        + (failed == 1 ? " was refused" : " were refused") + first + ".",
                "They are kept and tried again; isle status names the files.");
    }

    /** A service manager keeps what a daemon prints, so that this names no files. */
    static String note(HealthIssue issue) {
        boolean namesFiles = !issue.subject().isEmpty()
                && !Settings.VOLUMES.contains(issue.subject())
                && !issue.code().equals(HealthCode.STALE_MOUNT.word());
        return namesFiles
                ? "Something is wrong with files (" + issue.code() + "): isle status names them."
                : issue.title() + " " + issue.action();
    }
}
