# A sweep of @POINTS@ points that fail alike.
resource "batch_job_definition" "failing" {
  name = "failing"
  container_properties { command = [@COMMAND@, "Ref::x"] }
}

resource "batch_job" "failing" {
  name           = "failing"
  job_queue      = batch_job_queue.work.name
  job_definition = batch_job_definition.failing.arn
  matrix         = { x = range(@POINTS@) }
}
