#!/usr/bin/env python3
"""Verifies an audit log that Ovvoc Desktop exported: python3 verify-audit.py EXPORT.jsonl
Needs openssl 3. The format is described in audit-format.md."""
import base64, hashlib, json, subprocess, sys, tempfile

head, *lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
previous, hashes, signed = "0" * 64, [], 0
for line in [l for l in lines if "entry" in l]:
    entry = json.loads(line["entry"])
    assert entry["previous"] == previous and entry["seq"] == len(hashes) + 1, f"entry {entry['seq']} does not follow"
    previous = hashlib.sha256(line["entry"].encode()).hexdigest()
    assert previous == line["hash"], f"entry {entry['seq']} was changed"
    assert "detail" not in line or hashlib.sha256(bytes.fromhex(line["salt"]) + line["detail"].encode()).hexdigest() == entry["detail"], f"details of entry {entry['seq']} were changed"
    hashes.append(previous)
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/key", "w").write(head["publicKey"])
    for line in [l for l in lines if "signature" in l]:
        assert hashes[line["seq"] - 1:line["seq"]] == [line["hash"]], f"entry {line['seq']} is not the signed one"
        chained = "previous" in line
        assert not chained or line["previous"] == signed, f"the signature of entry {line['previous']} is missing"
        open(folder + "/text", "w").write(f"ovvoc audit {2 if chained else 1}\n{head['workspace']}\n{line['seq']}\n{line['hash']}\n" + (f"{line['previous']}\n" if chained else ""))
        open(folder + "/sig", "wb").write(base64.b64decode(line["signature"]))
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder + "/key", "-rawin", "-in", folder + "/text", "-sigfile", folder + "/sig"], check=True, capture_output=True)
        signed = line["seq"]
assert signed == len(hashes), "the end is not signed"
print(f"{len(hashes)} entries hold, signed by key SHA256:{hashlib.sha256(head['publicKey'].encode()).hexdigest()}")
