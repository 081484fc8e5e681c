"""Kills a node of a Ray cluster that runs a sweep; `tests/ray/run` calls it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARDS = 8
# 24 runs of about a second.
WHAT = ["scenarios/queue.toml", "--set", "duration=40h", "--set", "warm_up=1h", "--set", "services.desk.concurrency=100"]
WHAT += ["--vary", "traffic.calls.arrivals.rate=80/s,82/s,84/s,86/s,88/s,90/s", "--reps", "4"]


def processes():
    """The parent of each process."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = open(f"/proc/{entry}/stat").read()
        except OSError:
            continue
        found[int(entry)] = int(stat.rsplit(")", 1)[1].split()[1])
    return found


def below(process):
    """A process and all that it started, itself first."""
    parents, found = processes(), [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def shards_of(process):
    """The shards that a node is running."""
    found = []
    for one in below(process):
        try:
            command = open(f"/proc/{one}/cmdline", "rb").read().split(b"\0")
        except OSError:
            continue
        if b"--shard" in command and b"sweep" in command:
            found.append(command[command.index(b"--shard") + 1].decode())
    return found


def main():
    seatrial = sys.argv[1]
    # Short, since sockets are below it.
    work = tempfile.mkdtemp(prefix="sr-")
    os.environ.update(RAY_TMPDIR=work, RAY_USAGE_STATS_ENABLED="0", PYTHONWARNINGS="ignore")
    from ray.cluster_utils import Cluster

    plan, whole, merged = (os.path.join(work, name) for name in ["plan", "whole", "merged.json"])
    call = lambda *arguments: subprocess.run([seatrial, "sweep", *arguments], cwd=ROOT, text=True, capture_output=True)
    status = lambda: [int(number) for number in re.findall(r"(\d+) ", call("status", plan).stdout.splitlines()[0])]
    cluster = adapter = None
    try:
        assert call(*WHAT, "--out", whole, "--quiet").returncode == 0
        assert call("plan", *WHAT, "-o", plan).returncode == 0
        node = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 1024 * 1024}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        second = cluster.add_node(**node)
        cluster.wait_for_nodes()
        adapter = subprocess.Popen(
            [sys.executable, "docs/sweep_on_ray.py", plan, "--shards", str(SHARDS), "--seatrial", seatrial]
            + ["--address", cluster.address],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        raylet = second.all_processes["raylet"][0].process.pid
        until = time.monotonic() + 120
        # Some is done, and the second node is in the middle of a shard.
        while status()[1] < 4 or not shards_of(raylet):
            assert adapter.poll() is None, adapter.stdout.read()
            assert time.monotonic() < until, "nothing gets done"
            time.sleep(0.05)
        lost = shards_of(raylet)
        # The whole node goes, as when its power is cut: those who start others first.
        for process in below(raylet):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        _, done, missing, damaged, failed = status()
        print(f"killed a node that ran shard {', '.join(lost)} with {done} runs done and {missing} missing", flush=True)
        assert lost and missing > 0 and (damaged, failed) == (0, 0)
        said, _ = adapter.communicate(timeout=400)
        print(said)
        assert adapter.returncode == 0, adapter.returncode
        assert all(f"shard {part}, exit code 0" in said for part in lost)
        assert call("merge", plan, "--out", merged).returncode == 0
        assert open(merged, "rb").read() == open(os.path.join(whole, "sweep.json"), "rb").read()
        print("merged, it is what one process finds")
    finally:
        if adapter and adapter.poll() is None:
            adapter.kill()
        if cluster:
            cluster.shutdown()
        shutil.rmtree(work, ignore_errors=True)


main()
