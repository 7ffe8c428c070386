resource "batch_compute_environment" "local" {
  name = "local"
  compute_resources { max_vcpus = 4 }
}

resource "batch_job_queue" "work" {
  name                 = "work"
  compute_environments = [batch_compute_environment.local.name]
}

resource "batch_job_definition" "square" {
  name   = "square"
  script = <<-EOT
    #!/bin/sh
    echo "$BATCH_PARAM_A times $BATCH_PARAM_B"
    echo "{\"product\": $((BATCH_PARAM_A * BATCH_PARAM_B))}" > "$BATCH_RESULT_FILE"
  EOT
}

resource "batch_job" "sweep" {
  name           = "sweep"
  job_queue      = batch_job_queue.work.name
  job_definition = batch_job_definition.square.arn
  matrix         = { a = [1, 2, 3], b = [4, 5] }
}

output "products" {
  value = [for r in batch_job.sweep.results : jsondecode(r.result_json).product]
}
