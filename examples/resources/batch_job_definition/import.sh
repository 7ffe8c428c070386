# A job definition is imported by its name and revision.
terraform import batch_job_definition.greet greet:1
