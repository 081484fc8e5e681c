#!/usr/bin/env python3
"""Runs a planned sweep on a Ray cluster: one task a shard, each of which is `seatrial sweep run`.

    python docs/sweep_on_ray.py PLAN --shards 64
    seatrial sweep merge PLAN

The folder of the plan and the program are at the same place on every node (a shared file system). A task whose worker or
node is lost is started again elsewhere and goes on with what is missing; what was written twice is the same.
"""

import argparse
import subprocess
import sys

import ray


@ray.remote(num_cpus=1, max_retries=10)
def shard(seatrial, plan, part):
    """Runs a part of the plan; its exit code, and what it said."""
    command = [seatrial, "sweep", "run", plan, "--shard", part, "--threads", "1", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 3 or done.returncode < 0:
        # It could not write, or was killed: that may be the node's fault, and is tried again as a crash is.
        raise OSError(f"{part}: exit code {done.returncode}: {done.stdout}")
    return done.returncode, done.stdout


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("plan", help="the folder of the plan, as all nodes see it")
    arguments.add_argument("--shards", type=int, required=True, help="in so many parts; some minutes each are good")
    arguments.add_argument("--seatrial", default="seatrial", help="the program, as all nodes see it")
    arguments.add_argument("--address", default="auto", help="of the cluster; that of this machine where left out")
    wanted = arguments.parse_args()
    if wanted.shards < 1:
        arguments.error("--shards: at least 1")
    ray.init(address=wanted.address, log_to_driver=False)
    task = shard.options(retry_exceptions=[OSError])
    parts = [f"{number}/{wanted.shards}" for number in range(1, wanted.shards + 1)]
    left = {task.remote(wanted.seatrial, wanted.plan, part): part for part in parts}
    worst = 0
    while left:
        (ended,), _ = ray.wait(list(left), num_returns=1)
        part = left.pop(ended)
        try:
            code, said = ray.get(ended)
        except ray.exceptions.RayError as error:
            code, said = 3, str(error)
        print(f"shard {part}, exit code {code}: {said.strip()}", flush=True)
        worst = max(worst, code)
    sys.exit(worst)


if __name__ == "__main__":
    main()
