resource "batch_job_definition" "shared" {
  name = "shared"
  container_properties {
    command = ["sh", "-c", "printf '{\"command\": \"%s %s %s\", \"variable\": \"%s\", \"own\": \"%s\"}' Ref::a-b Ref::a_b Ref::A_B \"$BATCH_PARAM_A_B\" \"$BATCH_PARAM_C\" >$BATCH_RESULT_FILE"]
  }
}

resource "batch_job" "shared" {
  name           = "shared"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.shared.arn
  parameters     = { A_B = 3 }
  matrix         = { "a-b" = [1], "a_b" = [2], c = [4] }
}

output "shared" { value = batch_job.shared.results[0].result_json }
