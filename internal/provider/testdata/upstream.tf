# A job that writes what it is told to the file @FILE@, and one that depends on it and reads the file.
resource "batch_job_definition" "make" {
  name = "make"
  container_properties { command = ["sh", "-c", "echo $V > '@FILE@'"] }
}

resource "batch_job_definition" "use" {
  name = "use"
  container_properties { command = ["sh", "-c", "printf '{\"saw\":\"%s\"}' \"$(cat '@FILE@')\" > $BATCH_RESULT_FILE"] }
}

resource "batch_job" "make" {
  name           = "make"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.make.arn
  container_overrides { environment = { V = "@V@" } }
}

resource "batch_job" "use" {
  name            = "use"
  job_queue       = batch_job_queue.work.arn
  job_definition  = batch_job_definition.use.arn
  depends_on_jobs = [batch_job.make.job_id]
}

output "saw" {
  value = jsondecode(batch_job.use.results[0].result_json).saw
}
