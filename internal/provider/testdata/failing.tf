# A sweep whose points fail alike, each after a line of its own.
resource "batch_job_definition" "failing" {
  name = "failing"
  container_properties { command = ["sh", "-c", "echo the input is $0; exit 3", "Ref::x"] }
}

resource "batch_job" "failing" {
  name           = "failing"
  job_queue      = batch_job_queue.work.name
  job_definition = batch_job_definition.failing.arn
  matrix         = { x = range(7) }
}
