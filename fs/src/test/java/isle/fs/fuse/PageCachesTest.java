package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.Stat;
import org.junit.jupiter.api.Test;

class PageCachesTest {

    private final PageCaches pages = new PageCaches();

    private static Stat file(long size, long mtime) {
        Timestamp time = new Timestamp(mtime, 0);
        return new Stat(5, FileKind.FILE, 0644, 1, 0, 0, 0, size, 0, time, time, time);
    }

    @Test
    void whatIsOpenedFirstHasNoPages() {
        assertFalse(pages.opened(file(1, 1), false));
        assertTrue(pages.opened(file(1, 1), false));
    }

    @Test
    void otherSizeOrTimeIsOtherContent() {
        pages.opened(file(1, 1), false);
        assertFalse(pages.opened(file(2, 1), false));
        assertFalse(pages.opened(file(2, 2), false));
        assertTrue(pages.opened(file(2, 2), false));
    }

    @Test
    void whatWasWrittenFromHereIsInTheKernel() {
        pages.opened(file(1, 1), true);
        assertTrue(pages.isWritten(5));
        pages.written(file(9, 9));
        pages.writerGone(5);
        assertFalse(pages.isWritten(5));
        assertTrue(pages.opened(file(9, 9), false));
    }

    @Test
    void aForgottenInodeHasNoPages() {
        pages.opened(file(1, 1), false);
        pages.forget(5);
        assertFalse(pages.opened(file(1, 1), false));
    }
}
