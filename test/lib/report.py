"""Reads the reports of the tests, prints a line for each suite and what failed, and last the sum.

Called as: report.py ROOT RESULTS, where RESULTS has a line for each check of a shell suite.
"""

import collections
import glob
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

MOST_FAILURES_SHOWN = 30
MOST_LINES_OF_A_TRACE = 45


class Suite:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.minutes = 0.0


def read_reports(root, suites, failures):
    for report in sorted(glob.glob(os.path.join(root, "*", "target", "surefire-reports", "TEST-*.xml"))):
        module = os.path.relpath(report, root).split(os.sep)[0]
        try:
            tree = ElementTree.parse(report).getroot()
        except ElementTree.ParseError as e:
            suites[module].failed += 1
            failures.append((report, "the report cannot be read, so its tests did not end: %s" % e))
            continue
        package = tree.get("name", "").rpartition(".")[0].replace("isle.", "", 1)
        suite = suites[package if package.startswith(module) else module + " " + package]
        suite.minutes += float(tree.get("time", "0").replace(",", "")) / 60
        for case in tree.iter("testcase"):
            name = "%s.%s" % (case.get("classname"), case.get("name"))
            bad = [part for part in case if part.tag in ("failure", "error", "skipped")]
            if not bad:
                suite.passed += 1
                continue
            suite.failed += 1
            part = bad[0]
            if part.tag == "skipped":
                failures.append((name, "skipped: %s" % (part.get("message") or "no reason given")))
            else:
                failures.append((name, part.text or part.get("message") or part.get("type") or "no message"))


def read_results(path, suites, failures):
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            suite, name, result, minutes = line.rstrip("\n").split("\t")
            suites[suite].minutes += float(minutes)
            if result == "passed":
                suites[suite].passed += 1
            elif result == "failed":
                suites[suite].failed += 1
                failures.append((suite + ": " + name, "see target/test-run"))


def main(root, results):
    sys.stdout.reconfigure(errors="backslashreplace")
    suites = collections.defaultdict(Suite)
    failures = []
    read_reports(root, suites, failures)
    read_results(results, suites, failures)
    for name, text in failures[:MOST_FAILURES_SHOWN]:
        lines = re.sub(r"\n\s+at (org\.junit|java\.base|org\.apache\.maven)\S*", "", text).rstrip().splitlines()
        print("FAILED %s" % name)
        for line in lines[:MOST_LINES_OF_A_TRACE]:
            print("    " + line)
    if len(failures) > MOST_FAILURES_SHOWN:
        print("and %d more" % (len(failures) - MOST_FAILURES_SHOWN))
    print("%-28s %7s %7s %8s" % ("suite", "passed", "failed", "minutes"))
    for name in sorted(suites):
        suite = suites[name]
        print("%-28s %7d %7d %8.1f" % (name, suite.passed, suite.failed, suite.minutes))
    passed = sum(suite.passed for suite in suites.values())
    failed = sum(suite.failed for suite in suites.values())
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 0 if failed == 0 and passed > 0 else 1


sys.exit(main(sys.argv[1], sys.argv[2]))
