# frozen_string_literal: true

# What the AWS SDK for Ruby makes of the service at AWS_ENDPOINT_URL_BATCH: the flow of the post that announced AWS Batch
# (an environment, a queue, a definition, a job, an array that depends on it), with logs and errors.
# COMPAT_MODELS is the folder of botocore's models.

require 'minitest/autorun'
require_relative 'client'

def model(service) = Dir[File.join(ENV.fetch('COMPAT_MODELS'), service, '*', 'service-2.json.gz')].max

BATCH = Builder.client('Batch', model('batch'), ENV.fetch('AWS_ENDPOINT_URL_BATCH'))
LOGS = Builder.client('CloudWatchLogs', model('logs'), ENV.fetch('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'))

class TestBatch < Minitest::Test
  PATIENCE = 60 # seconds

  def wait(job)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + PATIENCE
    loop do
      found = BATCH.describe_jobs(jobs: [job]).jobs.first
      return found if %w[SUCCEEDED FAILED].include?(found.status)
      raise "job #{job} is #{found.status}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      sleep 0.1
    end
  end

  def submit(name, definition = 'rb-fetch', **more)
    BATCH.submit_job(job_name: name, job_queue: 'rb-work', job_definition: definition, **more).job_id
  end

  def test_the_flow
    environment = BATCH.create_compute_environment(
      compute_environment_name: 'rb-here', type: 'MANAGED', state: 'ENABLED', compute_resources: { type: 'LOCAL', maxv_cpus: 4, subnets: [] }
    ).compute_environment_arn
    BATCH.create_job_queue(
      job_queue_name: 'rb-work', state: 'ENABLED', priority: 1, compute_environment_order: [{ order: 1, compute_environment: environment }]
    )
    definition = BATCH.register_job_definition(
      job_definition_name: 'rb-fetch', type: 'container', retry_strategy: { attempts: 2 }, parameters: { 'word' => 'spoken' },
      container_properties: {
        command: ['sh', '-c', 'echo $0 $KIND', 'Ref::word'], vcpus: 1, memory: 64, environment: [{ name: 'KIND', value: 'a' }],
        log_configuration: { log_driver: 'awslogs', options: { 'awslogs-group' => '/rb/group', 'awslogs-stream-prefix' => 'rb' } }
      }
    )
    assert_equal 1, definition.revision
    job = submit('rb-job', array_properties: {}, container_overrides: { environment: [{ name: 'KIND', value: 'b' }] }, parameters: { 'word' => 'said' })
    found = wait(job)
    assert_equal ['SUCCEEDED', 0, 1, 64, {}], [found.status, found.container.exit_code, found.container.vcpus, found.container.memory, found.tags]
    assert_equal [], found.container.mount_points
    stream = found.container.log_stream_name
    assert stream.start_with?('rb/default/'), stream
    events = LOGS.get_log_events(log_group_name: '/rb/group', log_stream_name: stream, start_from_head: true).events
    assert_equal ['said b'], events.map(&:message)
    array = wait(submit('rb-array', array_properties: { size: 3 }, depends_on: [{ job_id: job }]))
    assert_equal 3, array.array_properties.status_summary['SUCCEEDED']
    children = BATCH.list_jobs(array_job_id: array.job_id, job_status: 'SUCCEEDED').job_summary_list
    assert_equal [0, 1, 2], children.map { |child| child.array_properties.index }.sort
    error = assert_raises(Aws::Errors::ServiceError) { BATCH.submit_job(job_name: 'x', job_queue: 'rb-nobody', job_definition: 'rb-fetch') }
    assert_equal 'ClientException', error.code
    assert_match(/rb-nobody/, error.message)
    missing = assert_raises(Aws::Errors::ServiceError) { LOGS.get_log_events(log_group_name: '/rb/nobody', log_stream_name: stream) }
    assert_equal 'ResourceNotFoundException', missing.code
  end
end
