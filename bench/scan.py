"""Times whole scans of generated repositories: `python bench/scan.py [--runs N] [--against COMMAND]`.

Repositories of 1, 500 and 5,000 files, of which one in a hundred has to do with
OpenSearch, and one CloudFormation template of 500 resources, a tenth of which are
about access to a domain; a run is a fresh process. Cold means without osreach's
cache. Prints the median of wall and processor seconds, and the peak memory of the
process.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RELEVANT = """
data "aws_caller_identity" "current" {{}}

resource "aws_opensearch_domain" "domain_{number}" {{
  domain_name    = "domain-{number}"
  engine_version = "OpenSearch_2.11"

  access_policies = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = "arn:aws:iam::${{data.aws_caller_identity.current.account_id}}:role/reader" }}
      Action    = ["es:ESHttpGet", "es:ESHttpPost"]
      Resource  = "arn:aws:es:eu-west-1:${{data.aws_caller_identity.current.account_id}}:domain/domain-{number}/*"
    }}]
  }})

  vpc_options {{
    subnet_ids         = var.subnets
    security_group_ids = [aws_security_group.search_{number}.id]
  }}
}}

resource "aws_security_group" "search_{number}" {{
  ingress {{
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }}
}}

variable "subnets" {{
  type    = list(string)
  default = ["subnet-1", "subnet-2"]
}}
"""

OTHER = """
resource "aws_instance" "web_{number}" {{
  ami           = data.aws_ami.ubuntu.id
  instance_type = var.instance_type
  count         = 3

  user_data = <<-EOT
    #!/bin/sh
    echo "host ${{var.name}}-{number}" > /etc/motd
    systemctl restart web
  EOT

  tags = merge(local.tags, {{
    Name  = format("web-%03d", {number})
    Owner = "platform"
  }})
}}

resource "aws_sqs_queue" "jobs_{number}" {{
  name                       = "jobs-{number}"
  visibility_timeout_seconds = 300
  redrive_policy = jsonencode({{
    deadLetterTargetArn = aws_sqs_queue.dead_{number}.arn
    maxReceiveCount     = 4
  }})
}}

resource "aws_sqs_queue" "dead_{number}" {{
  name = "dead-{number}"
}}
"""
OTHERS_IN_A_FILE = 3
RESOURCES = 500

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage:
    Type: String
    Default: test
    AllowedValues: [test, production]
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Resources:
"""

TEMPLATE_DOMAIN = """\
  Search{number}:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: search-{number}
      EngineVersion: OpenSearch_2.11
      EncryptionAtRestOptions: {{Enabled: true}}
      NodeToNodeEncryptionOptions: {{Enabled: true}}
      VPCOptions:
        SubnetIds: [subnet-1, subnet-2]
        SecurityGroupIds: [!GetAtt Network{number}.GroupId]
      AccessPolicies:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/reader-{number}
            Action: [es:ESHttpGet, es:ESHttpPost]
            Resource: !Sub arn:${{AWS::Partition}}:es:${{AWS::Region}}:${{AWS::AccountId}}:domain/search-{number}/*
"""

TEMPLATE_NETWORK = """\
  Network{number}:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: search
      SecurityGroupIngress:
        - {{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}}
"""

TEMPLATE_OTHER = """\
  Jobs{number}:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Join ["-", [!Ref AWS::StackName, jobs, !Ref Stage]]
      MemorySize: !If [IsProduction, 1024, 128]
      Handler: index.handler
      Runtime: python3.12
      Role: !GetAtt Role.Arn
      Environment:
        Variables:
          NAME: !Sub jobs-{number}-${{Stage}}
          QUEUE: !ImportValue shared-queue
      Code:
        ZipFile: |
          import os
          def handler(event, context):
              return os.environ["NAME"]
"""


def generate_template(path: Path, resources: int) -> int:
    """Write a template of `resources` resources and return its size in bytes."""
    parts = [TEMPLATE]
    for number in range(resources):
        match number % 20:
            case 0:
                parts.append(TEMPLATE_DOMAIN.format(number=number))
            case 1:
                parts.append(TEMPLATE_NETWORK.format(number=number - 1))
            case _:
                parts.append(TEMPLATE_OTHER.format(number=number))
    text = "".join(parts)
    path.write_text(text)
    return len(text)


def generate(folder: Path, files: int) -> int:
    """Write a repository of `files` files below `folder` and return its size in bytes."""
    size = 0
    for number in range(files):
        module = folder / f"service-{number // 10:04d}"
        module.mkdir(parents=True, exist_ok=True)
        relevant = number % 100 == 0
        text = (
            RELEVANT.format(number=number)
            if relevant
            else "".join(OTHER.format(number=number * 10 + extra) for extra in range(OTHERS_IN_A_FILE))
        )
        size += len(text)
        (module / f"part-{number % 10}.tf").write_text(text)
    return size


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MiB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"`{shlex.join(command)}` ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(name: str, command: list[str], runs: int, environment: dict[str, str]) -> None:
    """Print one line of the table."""
    times = [run(command, environment) for _ in range(runs)]
    wall, cpu, memory = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{name:<32} {wall:8.2f} {cpu:8.2f} {memory:10.0f}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 500, 5000])
    parser.add_argument(
        "--against", help="another command, run once in each repository's folder as `COMMAND FOLDER`"
    )
    options = parser.parse_args()
    osreach = [str(Path(sys.executable).with_name("osreach"))]
    print(f"{'whole process, median':<32} {'wall s':>8} {'cpu s':>8} {'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as place:
        environment = {"XDG_CACHE_HOME": f"{place}/cache"}
        row("osreach --help", [*osreach, "--help"], options.runs, environment)
        for size in options.sizes:
            folder = Path(place) / f"files-{size}"
            length = generate(folder, size)
            name = f"{size} files, {length / 1e6:.1f} MB"
            scan = [*osreach, "scan", "--fail-on", "never", str(folder)]
            row(f"{name}, cold", [*scan, "--no-cache"], options.runs, environment)
            run(scan, environment)
            row(f"{name}, warm", scan, options.runs, environment)
            if options.against:
                row(f"{name}, against", [*shlex.split(options.against), str(folder)], 1, environment)
        template = Path(place) / "template.yaml"
        length = generate_template(template, RESOURCES)
        name = f"{RESOURCES} resources, {length / 1e6:.1f} MB"
        scan = [*osreach, "scan", "--fail-on", "never", str(template)]
        row(f"{name}, cold", [*scan, "--no-cache"], options.runs, environment)


if __name__ == "__main__":
    main()
