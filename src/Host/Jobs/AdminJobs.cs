using System.Globalization;
using FluentValidation;
using FluentValidation.Results;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Paging;

namespace Platform.Host.Jobs;

/// <summary>Hangfire's jobs for staff, as JSON: what waits, runs or has failed, and a way to have a failed one run again.</summary>
internal static class AdminJobs
{
    private static readonly string[] States = ["processing", "failed", "enqueued", "scheduled"];

    public static void MapAdminJobs(this WebApplication app)
    {
        var group = app.MapGroup("/api/v1/admin/jobs").WithTags("Admin").RequireAuthorization(KernelServices.StaffPolicy).WithResourceFilters();
        group.MapGet("/", List).WithName("ListJobs").WithSummary("List jobs in the background: of each state, or of one, the first so many");
        group.MapPost("/{id}/requeue", Requeue).WithName("RequeueJob").WithSummary("Queue a failed job again");
    }

    private static Ok<Page<JobResponse>> List(string? state, int? limit, JobStorage storage)
    {
        Check("State", state is null || States.Contains(state, StringComparer.Ordinal), $"Must be one of {string.Join(", ", States)}.");
        Check("Limit", limit is null or (>= 1 and <= PageRequest.MaxLimit), $"Must be between 1 and {PageRequest.MaxLimit}.");
        var monitoring = storage.GetMonitoringApi();
        var take = limit ?? PageRequest.DefaultLimit;
        var jobs = States.Where(candidate => state is null || candidate == state).SelectMany(candidate => Read(monitoring, candidate, take).Take(take));
        return TypedResults.Ok(new Page<JobResponse>([.. jobs], null));
    }

    private static Accepted Requeue(
        string id, JobStorage storage, IBackgroundJobClient client, ICurrentCaller caller, ILogger<JobResponse> logger)
    {
        using var connection = storage.GetConnection();
        var state = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? connection.GetStateData(id) : null;
        if (state is null)
        {
            throw new NotFoundException("job_not_found", "There is no such job.");
        }

        // Asked again at the change itself: of two requests at once, one queues the job.
        if (state.Name != FailedState.StateName || !client.ChangeState(id, new EnqueuedState(), FailedState.StateName))
        {
            throw new ConflictException("job_not_failed", "Only a job that has failed can be queued again.");
        }

        logger.JobQueuedAgain(caller.UserId, id);
        return TypedResults.Accepted((string?)null);
    }

    private static IEnumerable<JobResponse> Read(IMonitoringApi monitoring, string state, int take) => state switch
    {
        "processing" => monitoring.ProcessingJobs(0, take)
            .Select(job => Describe(job.Key, state, job.Value?.Job, job.Value?.StartedAt)),
        "failed" => monitoring.FailedJobs(0, take)
            .Select(job => Describe(job.Key, state, job.Value?.Job, job.Value?.FailedAt, job.Value?.ExceptionType)),
        "scheduled" => monitoring.ScheduledJobs(0, take)
            .Select(job => Describe(job.Key, state, job.Value?.Job, job.Value?.EnqueueAt)),
        _ => monitoring.Queues().SelectMany(queue => monitoring.EnqueuedJobs(queue.Name, 0, take)
            .Select(job => Describe(job.Key, state, job.Value?.Job, job.Value?.EnqueuedAt, queue: queue.Name))),
    };

    private static JobResponse Describe(string id, string state, Job? job, DateTime? at, string? error = null, string? queue = null) =>
        new(id, state, job?.Type.Name, queue ?? job?.Queue, at is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : null, error);

    private static void Check(string property, bool holds, string message)
    {
        if (!holds)
        {
            throw new ValidationException([new ValidationFailure(property, message)]);
        }
    }
}

/// <summary>A job: neither its arguments nor what an exception said, which may quote what it worked on.</summary>
/// <param name="Id">Hangfire's number of it.</param>
/// <param name="State"><c>processing</c>, <c>failed</c>, <c>enqueued</c> or <c>scheduled</c>.</param>
/// <param name="Type">The job's class, or null where this version does not know it.</param>
/// <param name="Queue">The queue it is in, where it has one.</param>
/// <param name="At">Since when it is in its state; of a scheduled job, when it is due.</param>
/// <param name="Error">The type of the exception that it failed with.</param>
internal sealed record JobResponse(string Id, string State, string? Type, string? Queue, DateTimeOffset? At, string? Error);
