#!/usr/bin/env python3
"""Makes docs/security-tests.md from what the security tests reported: JUnit files in the folder given.
Usage: security-table.py FOLDER > docs/security-tests.md"""
import re, sys, xml.etree.ElementTree as xml
from pathlib import Path

TITLES = {
    "tst_auditattacks": "The workspace's files: the audit log and what is kept beside it",
    "tst_audit": "The audit log's entries and its export",
    "tst_patch": "A repository on disk, and what may be proposed to it",
    "tst_cell": "From inside a cell",
    "tst_gate": "The way out of a cell",
    "tst_attacks": "A repository, or a package, in a whole job",
    "tst_updates": "Text and output from outside",
    "tst_github": "A forge's answers",
    "tst_githubproposals": "People's work on a forge",
}


def words(name: str) -> str:
    name = re.sub(r"(?<!^)([A-Z])", lambda m: " " + m.group(1).lower(), name)
    return name[0].upper() + name[1:]


print("# What was tried, and what came of it\n")
print("Made by `./dev attacks`, which runs each of these and writes this page; do not edit it. Every row is a")
print("test: it fails when the attempt succeeds. \"held\" means that it did not.\n")
total = 0
for name, title in TITLES.items():
    file = Path(sys.argv[1]) / f"{name}.xml"
    if not file.exists():
        continue
    rows = []
    for case in xml.parse(file).getroot().iter("testcase"):
        test = case.get("name", "")
        if re.match(r"(init|cleanup)TestCase", test):
            continue
        if case.find("skipped") is not None:
            continue  # what was not run is not listed
        match = re.match(r"(\w+)(?:\((.*)\))?$", test, re.S)
        function, row = match.group(1), match.group(2) or ""
        bad = case.find("failure") is not None or case.find("error") is not None
        rows.append((words(function), row.replace("|", "\\|").replace("\n", " "), "**did not hold**" if bad else "held"))
    total += len(rows)
    print(f"## {title}\n\n| what | how | |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()
print(f"{total} attempts.")
