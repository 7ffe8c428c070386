# A sweep whose program does not exist.
resource "batch_job_definition" "missing" {
  name = "missing"
  container_properties { command = ["no-such-program", "Ref::x"] }
}

resource "batch_job" "missing" {
  name           = "missing"
  job_queue      = batch_job_queue.work.name
  job_definition = batch_job_definition.missing.arn
  matrix         = { x = range(28) }
}
