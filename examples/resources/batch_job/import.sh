# A job is imported by its id.
terraform import batch_job.one 3f8a2c1e-5b7d-4e9f-8a6b-0c1d2e3f4a5b
