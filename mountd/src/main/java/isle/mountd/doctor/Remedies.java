package isle.mountd.doctor;

/** Commands that install what is missing, for the package tools that people have. */
enum Remedies {
    JAVA(
            "sudo apt-get install openjdk-17-jdk-headless   (Debian 13: openjdk-21-jdk-headless)",
            "sudo dnf install java-latest-openjdk-devel",
            "sudo pacman -S jdk-openjdk",
            "brew install openjdk"),
    MAVEN("sudo apt-get install maven", "sudo dnf install maven", "sudo pacman -S maven", "brew install maven"),
    LIBFUSE(
            "sudo apt-get install libfuse2   (Debian 13, Ubuntu 24.04: libfuse2t64)",
            "sudo dnf install fuse-libs",
            "sudo pacman -S fuse2",
            "brew install --cask macfuse"),
    FUSERMOUNT(
            "sudo apt-get install fuse3",
            "sudo dnf install fuse",
            "sudo pacman -S fuse2",
            "brew install --cask macfuse");

    private final String apt;
    private final String dnf;
    private final String pacman;
    private final String brew;

    Remedies(String apt, String dnf, String pacman, String brew) {
        this.apt = apt;
        this.dnf = dnf;
        this.pacman = pacman;
        this.brew = brew;
    }

    /** One line a tool. */
    String text() {
        return "apt:    " + apt + "\ndnf:    " + dnf + "\npacman: " + pacman + "\nbrew:   " + brew;
    }
}
