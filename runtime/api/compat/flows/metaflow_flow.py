"""Metaflow: a flow whose second step runs with @batch in Docker, with its data in an S3 of moto. The image is empty; this
machine's directories are mounted into it, so that the step has the same interpreter and nothing is pulled.

Called with arguments it is the flow itself, as Metaflow calls it."""

import os
import subprocess
import sys
import threading

import common

IMAGE = "batchd-flows/host:1"
BUCKET = "flows"
SYSTEM = [d for d in ("/usr", "/bin", "/lib", "/lib64", "/etc") if os.path.isdir(d)]
MOUNTED = sorted({*SYSTEM, sys.prefix, sys.base_prefix})
PASSED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "METAFLOW_S3_ENDPOINT_URL")


def flow():
    from metaflow import FlowSpec, batch, environment, step

    inside = {name: os.environ[name] for name in PASSED}
    inside.update(PATH=os.path.join(sys.prefix, "bin") + ":/usr/bin:/bin", METAFLOW_SKIP_INSTALL_DEPENDENCIES="1", HOME="/tmp")

    class SmallFlow(FlowSpec):
        @step
        def start(self):
            self.x = 20
            self.next(self.twice)

        @environment(vars=inside)
        @batch(image=IMAGE, cpu=1, memory=512, queue=common.QUEUE, host_volumes=MOUNTED, iam_role="arn:aws:iam::000000000000:role/none")
        @step
        def twice(self):
            print(common.SPOKEN)
            self.x *= 2
            self.next(self.end)

        @step
        def end(self):
            print("the result is", self.x)

    SmallFlow()


def main():
    from importlib.metadata import version

    what = "metaflow " + version("metaflow")
    import boto3
    from moto.server import ThreadedMotoServer

    empty = subprocess.Popen(["tar", "-cf", "-", "--files-from", "/dev/null"], stdout=subprocess.PIPE)
    if subprocess.run(["docker", "import", "-", IMAGE], stdin=empty.stdout, stdout=subprocess.DEVNULL).returncode != 0:
        common.failed(what, "no Docker is here to make an image with")
    s3 = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    s3.start()
    endpoint = "http://%s:%s" % s3.get_host_and_port()
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    common.prepare("metaflow")
    settings = dict(
        os.environ, METAFLOW_DEFAULT_DATASTORE="s3", METAFLOW_DATASTORE_SYSROOT_S3="s3://%s/metaflow" % BUCKET, METAFLOW_S3_ENDPOINT_URL=endpoint,
        METAFLOW_DEFAULT_METADATA="local", METAFLOW_USER="flows", METAFLOW_BATCH_JOB_QUEUE=common.QUEUE,
        METAFLOW_DATASTORE_SYSROOT_LOCAL=os.environ["HOME"])
    ran = subprocess.run([sys.executable, "-B", __file__, "--no-pylint", "run"], env=settings, cwd=os.environ["HOME"], capture_output=True, text=True)
    s3.stop()
    said = ran.stdout + ran.stderr
    if ran.returncode != 0 or "the result is 40" not in said:
        common.failed(what, said[-4000:])
    if common.SPOKEN not in said:
        common.failed(what, "the flow succeeded, and the output of its step was not printed:\n" + said[-4000:])
    common.passed(what, "a step with @batch succeeded in Docker, and Metaflow printed its log")


if __name__ == "__main__":
    flow() if len(sys.argv) > 1 else main()
