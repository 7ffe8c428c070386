# A job queue is imported by its name.
terraform import batch_job_queue.urgent urgent
