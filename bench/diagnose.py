"""How long a diagnosis of many events takes, and how much memory: `python bench/diagnose.py [EVENTS]`.

Writes made-up events for the project of the encrypted download, every third of
them a denial, as CSV and as JSON, and runs the real command on each.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "fixtures" / "projects" / "encrypted-download"
ACCOUNT = "123456789012"
COLUMNS = (
    "Event name",
    "Event time",
    "User name",
    "Event source",
    "Resources",
    "AWS region",
    "Error code",
    "Event ID",
    "Request ID",
    "Source IP address",
)


def event(number: int, chance: random.Random) -> dict[str, Any]:
    """One event of one of a few hundred users and roles."""
    user = "ann" if chance.random() < 0.5 else f"user{chance.randrange(300)}"
    denied = number % 3 == 0
    time_ = (
        f"2026-03-{1 + number // 8000:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    )
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    name, source = ("Decrypt", "kms.amazonaws.com") if denied else ("GetBucketEncryption", "s3.amazonaws.com")
    found: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}", "userName": user},
        "eventTime": time_,
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"203.0.113.{chance.randrange(250)}",
        "requestParameters": {"bucketName": "example-reports"},
        "requestID": f"REQUEST{number}",
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "recipientAccountId": ACCOUNT,
    }
    if denied:
        found["userIdentity"]["invokedBy"] = "AWS Internal"
        found["sourceIPAddress"] = "AWS Internal"
        found["errorCode"] = "AccessDenied"
        found["requestParameters"] = {
            "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::example-reports/{chance.randrange(5000)}.csv"}
        }
        found["resources"] = [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}]
    return found


def row(found: dict[str, Any]) -> list[str]:
    """The same event as the console writes it."""
    bucket = [{"resourceType": "AWS::S3::Bucket", "resourceName": "example-reports"}]
    return [
        found["eventName"],
        found["eventTime"],
        found["userIdentity"]["userName"],
        found["eventSource"],
        json.dumps(bucket if "errorCode" not in found else []),
        found["awsRegion"],
        found.get("errorCode", ""),
        found["eventID"],
        found["requestID"],
        found["sourceIPAddress"],
    ]


def write(folder: Path, count: int) -> None:
    """The same events in every form."""
    chance = random.Random(7)
    events = [event(number, chance) for number in range(count)]
    with (folder / "history.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(map(row, events))
    text = json.dumps({"Records": events})
    (folder / "records.json").write_text(text)
    (folder / "lines.jsonl").write_text("\n".join(map(json.dumps, events)))
    (folder / "records.json.gz").write_bytes(gzip.compress(text.encode()))


def main() -> None:
    """Measures and prints."""
    if sys.argv[1:2] == ["--write"]:
        # In a process of its own: a child's peak of memory counts what its parent holds.
        write(Path(sys.argv[2]), int(sys.argv[3]))
        return
    count = sys.argv[1] if len(sys.argv) > 1 else "100000"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, __file__, "--write", folder, count], check=True)
        made = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        for path in sorted(Path(folder).iterdir()):
            start = time.perf_counter()
            command = [sys.executable, "-c", RUN, "diagnose", str(path), str(PROJECT), "--format", "json"]
            done = subprocess.run(command, capture_output=True, check=False)
            seconds = time.perf_counter() - start
            report = json.loads(done.stdout)
            peak = int(done.stderr.split()[-1]) / 1024
            print(
                f"{path.name:16} {path.stat().st_size / 1e6:7.1f} MB {seconds:6.1f} s, {peak:5.0f} MB of memory, "
                f"{report['events']:,} events, {len(report['denials']):,} denials, "
                f"{len(report['unmatched']):,} unmatched"
            )
        print(f"writing them took {made / 1024:.0f} MB")


RUN = """
import resource, sys
from osreach.cli.main import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""

if __name__ == "__main__":
    main()
