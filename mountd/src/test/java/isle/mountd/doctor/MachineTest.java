package isle.mountd.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.Examiner.Finding;
import isle.mountd.api.Examiner.State;
import isle.mountd.api.ProfileFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found on machines that are made up of a few files. */
class MachineTest {

    @TempDir
    private Path root;

    private Path make(String path, String content, String mode) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }

    private Map<String, Finding> examine(Map<String, String> environment) {
        List<Finding> findings = new ArrayList<>();
        ProfileFolders folders = ProfileFolders.under(root.resolve("profile"));
        new Doctor(root).examine(folders, environment, findings::add);
        Map<String, Finding> bySubject = new java.util.LinkedHashMap<>();
        findings.forEach(finding -> bySubject.put(finding.subject(), finding));
        return bySubject;
    }

    private static Finding of(Map<String, Finding> findings, String subject) {
        return Optional.ofNullable(findings.get(subject)).orElseThrow();
    }

    @Test
    void aBareMachineHasNothingAndIsToldHowToGetIt() {
        Map<String, Finding> findings = examine(Map.of("HOME", root.toString()));
        Finding library = of(findings, "libfuse 2");
        assertEquals(State.PROBLEM, library.state());
        for (String tool : List.of("apt-get install libfuse2", "dnf install", "pacman -S", "brew install")) {
            assertTrue(library.remedy().contains(tool), library.remedy());
        }
        assertEquals(State.PROBLEM, of(findings, "/dev/fuse").state());
        assertTrue(of(findings, "fusermount").remedy().contains("apt-get install fuse3"));
        assertEquals(State.OK, of(findings, "Java").state());
        assertEquals(State.OK, of(findings, "store").state());
        assertFalse(Files.exists(root.resolve("profile")), "the doctor changes nothing");
    }

    @Test
    void aMachineThatHasEverythingIsFine() throws Exception {
        make("usr/lib/x86_64-linux-gnu/libfuse.so.2.9.9", "", "rw-r--r--");
        Files.createSymbolicLink(root.resolve("usr/lib/x86_64-linux-gnu/libfuse.so.2"), Path.of("libfuse.so.2.9.9"));
        Path helper = make("usr/bin/fusermount", "#!/bin/sh\necho 'fusermount3 version: 3.14.0'\n", "rwxr-xr-x");
        Files.setAttribute(helper, "unix:mode", 0104755);
        make("dev/fuse", "", "rw-rw-rw-");
        make("etc/fuse.conf", "# a comment\nuser_allow_other\n", "rw-r--r--");
        Map<String, Finding> findings = examine(Map.of("HOME", root.toString(), "PATH", "/usr/bin"));
        for (String subject : List.of("libfuse 2", "fusermount", "/dev/fuse")) {
            assertEquals(State.OK, of(findings, subject).state(), subject);
        }
        Machine machine = new Machine(root, Map.of("PATH", "/usr/bin"));
        assertTrue(machine.userAllowOther());
        assertTrue(machine.libfuse().orElseThrow().endsWith("libfuse.so.2.9.9"));
    }

    @Test
    void versionsOfPartsAreRead() throws Exception {
        make("usr/bin/fusermount", "#!/bin/sh\necho 'fusermount3 version: 3.14.0'\n", "rwxr-xr-x");
        Path garage = make("tools/garage", "#!/bin/sh\necho 'garage cargo:2.5.0 [features: k2v]'\n", "rwxr-xr-x");
        List<String> lines = new ArrayList<>();
        new Doctor(root)
                .versions(
                        Map.of("PATH", "/usr/bin", "GARAGE", garage.toString()),
                        part -> lines.add(part.subject() + " " + part.detail()));
        assertTrue(lines.contains("fusermount 3.14.0 (" + root.resolve("usr/bin/fusermount") + ")"), lines.toString());
        assertTrue(lines.contains("garage 2.5.0 (" + garage + ")"), lines.toString());
        assertTrue(lines.contains("libfuse not found"), lines.toString());
    }

    @Test
    void mountsOfIsleAreKnownByTheirKind() throws Exception {
        make(
                "proc/self/mountinfo",
                "22 1 0:20 / /proc rw - proc proc rw\n"
                        + "99 22 0:50 / " + root.toString().replace(" ", "\\040") + " rw - fuse.isle isle:ann-1 rw\n"
                        + "98 22 0:51 / /mnt/s rw - fuse.sshfs host: rw\n",
                "rw-r--r--");
        assertEquals(List.of(root), new Machine(root, Map.of()).isleMounts());
        assertEquals(
                State.OK, of(examine(Map.of("HOME", root.toString())), "mount").state());
    }

    @Test
    void aMistakeInTheSettingsIsFound() throws Exception {
        make("profile/config/daemon.yml", "stor: /x\n", "rw-------");
        Finding finding = of(examine(Map.of("HOME", root.toString())), "settings");
        assertEquals(State.PROBLEM, finding.state());
        assertTrue(finding.detail().contains("did you mean store?"), finding.detail());
    }
}
