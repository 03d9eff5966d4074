package isle.test.tools;

import static org.junit.jupiter.api.Assertions.assertAll;

import isle.test.rig.Account;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everyday programs work in the mount as on a disk, for root and for an ordinary user, and what they made is right after a
 * restart that has no block cached.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#withAccounts")
class ProgramsTest {

    private static final Duration LIMIT = Duration.ofMinutes(4);

    // In scripts each command stands alone: bash goes on after one that fails in front of "&&".

    /** Makes $HOME/tree: every kind of file, odd names, modes, times, attributes; no hard links. */
    private static final String TREE = """
            mkdir -p "$HOME/tree/sub/empty"; cd "$HOME/tree"
            for i in $(seq 60); do head -c $((i * 997)) /dev/urandom >"sub/file $i"; done
            head -c 20000000 /dev/urandom >large
            truncate -s 30M sparse; printf end >>sparse
            printf x >$'sub/new\\nline'; printf x >$'sub/\\xff\\xfe'; printf x >"$(printf 'n%.0s' $(seq 255))"
            : >empty; ln -s sub/empty link; ln -s nowhere dangling; mkfifo fifo
            chmod 600 'sub/file 1'; chmod 755 'sub/file 2'; chmod 444 'sub/file 3'; chmod 1777 sub/empty
            setfattr -n user.comment -v 'some value' 'sub/file 4'; setfattr -n user.on-folder -v 1 sub
            touch -d '1999-12-31 23:59:59.987654321' 'sub/file 5'; touch -h -d '2001-01-01 01:01:01.5' link dangling
            touch -d '2005-05-05 05:05:05.123456789' sub/empty sub
            cd "$OLDPWD"
            # What two trees must have in common: list them, and compare the lists.
            facts() (
                cd "$1"; find . -mindepth 1 -printf '%p %y %m %l ' \\
                    -a \\( -type f -printf '%s %T@\\n' -o -type l -printf '%T@\\n' -o -printf '\\n' \\) | LC_ALL=C sort
                find . -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum
                getfattr -R -h -d -m '^user' . | LC_ALL=C sort
            )
            same() { diff <(facts "$1") <(facts "$2"); }
            """;

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private final Account account;

    ProgramsTest(VolumeKind kind, Account account) {
        this.kind = kind;
        this.account = account;
    }

    /**
     * Scripts of bash that speak of public/ and protected/, of which each program has a folder, and of its own $HOME: what it
     * does, and what checks that.
     */
    private record Program(String name, String work, String check) {}

    @Test
    void programsWorkAsOnADisk() {
        List<Program> programs = programs();
        IsleProfile isle = isles.plan().of(account).make().start();
        for (Program program : programs) {
            Scripts.copy("nano.py", Folders.make(isle.person(), program.name(), account));
            isle.inMount("mkdir -p " + kind.in("public protected", "/" + program.name()))
                    .ok();
        }
        assertAll(programs.stream().map(program -> () -> run(isle, program, program.work())));
        assertAll(programs.stream().map(program -> () -> run(isle, program, program.check())));
        isle.restartWithoutCache();
        assertAll(programs.stream().map(program -> () -> run(isle, program, program.check())));
        isle.unmount().ok();
    }

    private void run(IsleProfile isle, Program program, String script) {
        isle.shell(kind.in(script, "/" + program.name()))
                .with("HOME", isle.person().resolve(program.name()).toString())
                .within(LIMIT)
                .run()
                .ok();
    }

    private List<Program> programs() {
        return List.of(
                cpCopiesATree(),
                cpInsideTheMountCopiesWhatCpBroughtIn(),
                rsyncHasNothingToDoTheSecondTime(),
                rsyncUpdatesAndDeletes(),
                tarPacksAndUnpacks(),
                zipAndUnzip(),
                gitKeepsARepository(),
                gitKeepsWorkTreesOfOneRepository(),
                sqliteKeepsADatabaseWithARollbackJournal(),
                sqliteKeepsADatabaseWithAWriteAheadLog(),
                vimSaves(),
                nanoSaves(),
                makeAndGccBuildAProgram(),
                onlyOneProgramHoldsALock(),
                ownersAreWhatTheyMayBe());
    }

    private static Program cpCopiesATree() {
        return new Program(
                "cp", TREE + "cp -a \"$HOME/tree\" public/copy; same \"$HOME/tree\" public/copy", "ls public/copy/sub");
    }

    private static Program cpInsideTheMountCopiesWhatCpBroughtIn() {
        return new Program(
                "cp-inside",
                TREE + "cp -a \"$HOME/tree\" public/a; cp -a public/a protected/b; mv protected/b protected/c;"
                        + " mv protected/c public/c; same \"$HOME/tree\" public/c",
                "diff -r --no-dereference public/a/sub public/c/sub");
    }

    private static Program rsyncHasNothingToDoTheSecondTime() {
        return new Program("rsync", TREE + """
                rsync -aX "$HOME/tree/" public/copy/
                same "$HOME/tree" public/copy
                """, """
                changes=$(rsync -aXi "$HOME/tree/" public/copy/)
                if [ -n "$changes" ]; then printf 'rsync would change:\\n%s\\n' "$changes" >&2; exit 1; fi
                """);
    }

    private static Program rsyncUpdatesAndDeletes() {
        return new Program(
                "rsync-updates", TREE + """
                rsync -aX "$HOME/tree/" public/copy/
                rm -r "$HOME/tree/sub/empty"; echo more >>"$HOME/tree/large"; chmod 640 "$HOME/tree/empty"
                rsync -aX --delete --inplace "$HOME/tree/" public/copy/
                same "$HOME/tree" public/copy
                """, "[ -z \"$(rsync -aXic --delete \"$HOME/tree/\" public/copy/)\" ]");
    }

    private static Program tarPacksAndUnpacks() {
        return new Program("tar", TREE + """
                tar -C "$HOME" --xattrs -cSf public/tree.tar tree
                mkdir public/out; tar -C public/out --xattrs -xpf public/tree.tar
                same "$HOME/tree" public/out/tree
                """, "tar -C public/out --xattrs --compare -f public/tree.tar");
    }

    private static Program zipAndUnzip() {
        return new Program(
                "zip",
                TREE + """
                # unzip changes names that could harm a terminal.
                rm "$HOME"/tree/sub/new* "$HOME"/tree/sub/$'\\xff'*
                (cd "$HOME/tree"; zip -qry ../tree.zip sub large empty link)
                cp "$HOME/tree.zip" public/; mkdir public/out; unzip -q public/tree.zip -d public/out
                diff -r --no-dereference "$HOME/tree/sub" public/out/sub
                python3 - <<'PYTHON'
                import zipfile
                with zipfile.ZipFile("public/made.zip", "w") as archive:
                    for i in range(50):
                        archive.writestr("n%d" % i, "x" * i * 1000)
                PYTHON
                """,
                "unzip -qt public/tree.zip; python3 -m zipfile -t public/made.zip; cmp public/out/large \"$HOME/tree/large\"");
    }

    private static Program gitKeepsARepository() {
        return new Program("git", """
                git config --global user.email test@example.org; git config --global user.name Test
                git config --global init.defaultBranch main; git config --global advice.detachedHead false
                git init -q protected/one; cd protected/one
                for i in $(seq 40); do mkdir -p "d$((i % 5))"; head -c 3000 /dev/urandom | base64 >"d$((i % 5))/f$i"; done
                git add .; git commit -qm first; [ -z "$(git status --porcelain)" ]
                git checkout -qb side; echo side >d1/side; git add .; git commit -qm side
                git checkout -q main; echo main >d2/main; git add .; git commit -qm main
                git rebase -q main side; git checkout -q main; git merge -q side; git gc -q; git fsck --strict
                cd ..; git clone -q one two; cd two; echo two >two; git add two; git commit -qm two
                git push -q origin HEAD:refs/heads/from-two; git -C ../one log --oneline from-two >/dev/null
                git mv d1 renamed; git stash -q; git stash pop -q; git commit -qam moved; cd ../..
                """, """
                for r in one two; do git -C protected/$r fsck --strict; [ -z "$(git -C protected/$r status --porcelain)" ]; done
                [ "$(git -C protected/two log --oneline | wc -l)" -eq 5 ]
                """);
    }

    private static Program gitKeepsWorkTreesOfOneRepository() {
        return new Program("git-worktree", """
                git config --global user.email test@example.org; git config --global user.name Test
                git config --global init.defaultBranch main; git config --global gc.auto 5; git config --global gc.autoDetach false
                git init -q protected/main; cd protected/main
                for i in $(seq 10); do echo $i >f$i; git add .; git commit -qm $i; done
                git worktree add -q -b left ../left; git worktree add -q --detach ../gone; git worktree add -q -b right "$HOME/right"
                # Two at once in one repository: each has its index, and they share objects and refs.
                (cd ../left; for i in $(seq 10); do echo left >>f$i; git commit -qam "left $i"; done) & left=$!
                (cd "$HOME/right"; for i in $(seq 10); do echo right >>g$i; git add .; git commit -qm "right $i"; done) & right=$!
                wait "$left"; wait "$right"
                git worktree move ../left ../moved; git worktree remove ../gone; rm -rf "$HOME/right"; git worktree prune
                git merge -q left; git merge -q --no-edit right; git branch -d right >/dev/null
                git repack -qadf; git prune --expire=now; git reflog expire --expire=now --all; git gc -q --aggressive --prune=now
                """, """
                cd protected/main; git fsck --strict --no-dangling; [ -z "$(git status --porcelain)" ]
                [ "$(git worktree list | wc -l)" -eq 2 ]; [ "$(git -C ../moved branch --show-current)" = left ]
                [ -z "$(git -C ../moved status --porcelain)" ]; [ "$(git log --oneline | wc -l)" -eq 31 ]
                [ "$(find .git/objects -type f -name '*.pack' | wc -l)" -eq 1 ]
                [ -z "$(find .git -name '*.lock' -o -name 'tmp_*' -o -name '*.tmp')" ]
                """);
    }

    private static Program sqliteKeepsADatabaseWithARollbackJournal() {
        return new Program("sqlite-delete", sqlite("delete"), sqliteCheck("delete"));
    }

    private static Program sqliteKeepsADatabaseWithAWriteAheadLog() {
        return new Program("sqlite-wal", sqlite("wal"), sqliteCheck("wal"));
    }

    private static String sqlite(String mode) {
        return """
                db=public/data.db
                sqlite3 $db 'pragma journal_mode=%1$s; create table t(i integer primary key, v blob);'
                for i in $(seq 30); do
                    sqlite3 $db "pragma busy_timeout=20000; insert into t(v) select randomblob(700) from generate_series(1,20);" &
                    [ $((i %% 3)) -ne 0 ] || wait
                done >/dev/null
                wait
                sqlite3 $db 'begin; delete from t where i %% 2 = 0; rollback;'
                sqlite3 $db 'delete from t where i > 590; vacuum;'
                """.formatted(mode);
    }

    private static String sqliteCheck(String mode) {
        return """
                [ "$(sqlite3 public/data.db 'select count(*) from t')" = 590 ]
                [ "$(sqlite3 public/data.db 'pragma journal_mode')" = %s ]
                [ "$(sqlite3 public/data.db 'pragma integrity_check')" = ok ]
                # The last one to close it takes the log and the memory that they shared along.
                [ "$(ls public)" = data.db ]
                """.formatted(mode);
    }

    private static Program vimSaves() {
        return new Program("vim", """
                printf 'one\\ntwo\\n' >public/text; chmod 640 public/text
                for copy in yes no auto; do
                    vim -Nu NONE -es -c "set backup backupdir=. backupskip= writebackup backupcopy=$copy" -c '%s/one/one one/' -c wq public/text
                done
                """, """
                [ "$(cat public/text)" = "$(printf 'one one one one\\ntwo')" ]; [ "$(stat -c %a public/text)" = 640 ]
                [ ! -e public/4913 ]; [ ! -e public/.text.swp ]
                """);
    }

    private static Program nanoSaves() {
        return new Program("nano", """
                printf 'two\\n' >public/text
                python3 "$HOME/nano.py" public/text
                """, "[ \"$(cat public/text)\" = \"$(printf 'one\\ntwo')\" ]");
    }

    private static Program makeAndGccBuildAProgram() {
        return new Program(
                "make", """
                mkdir -p public/program; cd public/program
                for i in $(seq 12); do
                    printf '#include "all.h"\\nint f%d(int x) { return x + %d; }\\n' "$i" "$i" >f$i.c
                    printf 'int f%d(int);\\n' "$i" >>all.h
                done
                { printf '#include <stdio.h>\\n#include "all.h"\\nint main(void) { int x = 0;\\n'
                  for i in $(seq 12); do printf 'x = f%d(x);\\n' "$i"; done; printf 'printf("%%d\\\\n", x); return 0; }\\n'; } >main.c
                { printf 'objects = main.o'; printf ' f%d.o' $(seq 12); printf '\\nprogram: $(objects)\\n\\tgcc -g -o $@ $(objects)\\n'
                  printf '$(objects): all.h\\n'; } >Makefile
                make -s -j3 CFLAGS=-g; make -q; [ "$(./program)" = 78 ]
                touch all.h; if make -q; then exit 1; fi; make -s -j3; ar rc lib.a *.o; gcc -o again main.o lib.a; cd ../..
                """, "cd public/program; make -q; [ \"$(./program)\" = 78 ]; [ \"$(./again)\" = 78 ]");
    }

    private static Program onlyOneProgramHoldsALock() {
        return new Program("flock", """
                echo 0 >public/count
                for i in $(seq 40); do
                    flock public/lock sh -c 'echo $(($(cat public/count) + 1)) >public/new && mv public/new public/count' &
                done
                wait
                """, "[ \"$(cat public/count)\" = 40 ]");
    }

    private Program ownersAreWhatTheyMayBe() {
        String script = account.name().equals("root") ? """
                touch public/f; chown 1234:4321 public/f; [ "$(stat -c %u:%g public/f)" = 1234:4321 ]
                """ : """
                touch public/f; chown "$(id -u)" public/f
                for group in $(id -G); do chgrp "$group" public/f; done
                if chown 0 public/f 2>/dev/null || chgrp 0 public/f 2>/dev/null; then exit 1; fi; [ "$(stat -c %u public/f)" = "$(id -u)" ]
                mkdir "$HOME/groups"; cd "$HOME/groups"; for group in $(id -G); do touch $group; chgrp $group $group; done
                cd "$OLDPWD"; cp -a "$HOME/groups" public/; rsync -a "$HOME/groups/" public/groups/
                """;
        return new Program(
                "chown",
                script,
                account.name().equals("root") ? "[ \"$(stat -c %u:%g public/f)\" = 1234:4321 ]" : "ls public/f");
    }
}
