"""Who wants to know that a job has ended: each module here that has a `job_ended` is called. See `jobs.ended`."""
