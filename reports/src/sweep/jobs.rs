//! What runs the shards of a planned sweep elsewhere: an Indexed Job of Kubernetes, an array job of Slurm, a
//! command of GNU parallel. Each is a number and the one command that is always the same.

/// A planned sweep that is to be run in shards.
pub struct SweepJobs<'a> {
    /// The folder of the plan, as those who run it see it.
    pub plan: &'a str,
    /// What the job is called.
    pub name: &'a str,
    /// How many shards.
    pub shards: u32,
    /// So many at once; all where left out.
    pub at_once: Option<u32>,
}

/// What a Job of Kubernetes needs beside that.
pub struct Cluster<'a> {
    /// The image that has the program.
    pub image: &'a str,
    /// The claim of the volume that the plan is in.
    pub claim: &'a str,
}

/// Where the volume of the plan is mounted.
const MOUNT: &str = "/sweep";

/// An Indexed Job. A shard whose pod is lost is tried again; one that ends with 2 or 101 would end so again.
#[must_use]
pub fn sweep_kubernetes(jobs: &SweepJobs<'_>, cluster: &Cluster<'_>) -> String {
    let SweepJobs { name, shards, .. } = jobs;
    let at_once = jobs.at_once.unwrap_or(*shards);
    let (image, claim) = (yaml(cluster.image), yaml(cluster.claim));
    let name = yaml(name);
    let plan = yaml(&format!("{MOUNT}/{}", jobs.plan));
    format!(
        "\
# kubectl apply -f, and once it is complete: seatrial sweep merge PLAN
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  completionMode: Indexed
  completions: {shards}
  parallelism: {at_once}
  # Needs Kubernetes 1.33, or 1.29 with its beta features.
  backoffLimitPerIndex: 3
  podFailurePolicy:
    rules:
      # Bad input and bugs of Seatrial's come again, however often it is tried.
      - action: FailIndex
        onExitCodes:
          containerName: sweep
          operator: In
          values: [2, 101]
      # A pod that was evicted has done nothing wrong.
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
            status: \"True\"
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: sweep
          image: {image}
          # Which shard it is stands in JOB_COMPLETION_INDEX.
          command: [\"seatrial\", \"sweep\", \"run\", {plan}, \"--shards\", \"{shards}\", \"--threads\", \"1\", \"--quiet\"]
          resources:
            requests:
              cpu: \"1\"
          volumeMounts:
            - name: sweep
              mountPath: {MOUNT}
      volumes:
        - name: sweep
          persistentVolumeClaim:
            claimName: {claim}
"
    )
}

/// A script for `sbatch`. Tasks count from 0.
#[must_use]
pub fn sweep_slurm(jobs: &SweepJobs<'_>) -> String {
    let SweepJobs { name, shards, .. } = jobs;
    let at_once = jobs.at_once.map_or(String::new(), |most| format!("%{most}"));
    let last = shards.saturating_sub(1);
    let plan = shell(jobs.plan);
    format!(
        "\
#!/bin/bash
# sbatch THIS; once all are done: seatrial sweep merge {plan}
# Some of it again: sbatch --array=3,7 THIS
#SBATCH --job-name={name}
#SBATCH --array=0-{last}{at_once}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --requeue
# Which shard it is stands in SLURM_ARRAY_TASK_ID.
exec seatrial sweep run {plan} --shards {shards} --threads \"${{SLURM_CPUS_PER_TASK:-1}}\" --quiet
"
    )
}

/// A command of GNU parallel. Run again, it does what was not begun or did not end well.
#[must_use]
pub fn sweep_parallel(jobs: &SweepJobs<'_>) -> String {
    let SweepJobs { shards, .. } = jobs;
    let at_once = jobs.at_once.map_or(String::new(), |most| format!(" --jobs {most}"));
    let plan = shell(jobs.plan);
    let log = shell(&format!("{}.joblog", jobs.plan.trim_end_matches('/')));
    // The command is a text for a shell of its own.
    let command =
        shell(&format!("seatrial sweep run {plan} --shard {{}}/{shards} --threads 1 --quiet"));
    format!(
        "\
#!/bin/sh
# Once all are done: seatrial sweep merge {plan}
seq {shards} | parallel --joblog {log} --resume --resume-failed{at_once} {command}
"
    )
}

/// A text in a file of YAML: one in double quotes of JSON is one.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A word for a shell.
fn shell(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
