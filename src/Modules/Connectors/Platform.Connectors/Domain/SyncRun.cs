using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Domain;

/// <summary>What was read of a stream.</summary>
/// <param name="Rows">The rows so far.</param>
/// <param name="Bytes">The bytes of the files that hold them.</param>
/// <param name="Done">Whether its end was reached.</param>
/// <param name="Written">How many of the rows stay if the work ends here.</param>
internal sealed record StreamProgress(
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("done")] bool Done,
    [property: JsonPropertyName("written")] long Written = 0)
{
    /// <summary>What the owner should know of the rows: of a file, those that did not fit its table.</summary>
    [JsonPropertyName("notes")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Notes { get; init; }
}

/// <summary>
/// One reading of a connector into datasets. Whoever holds the lease and the newest fencing number works on it; whoever lost them must not
/// write any more.
/// </summary>
internal sealed class SyncRun
{
    private const int MaxErrorLength = 2000;

    private SyncRun(Guid id, Guid connectorId, Guid userId, string status, string trigger, JsonElement progress, DateTimeOffset createdAt)
    {
        (Id, ConnectorId, UserId, Status, Trigger, Progress) = (id, connectorId, userId, status, trigger, progress);
        (CreatedAt, UpdatedAt, AvailableAt) = (createdAt, createdAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public string Status { get; private set; }

    public string Trigger { get; private init; }

    /// <summary>The names asked for, or null for all.</summary>
    public JsonElement? Streams { get; private init; }

    /// <summary>Stream name to <see cref="StreamProgress"/>.</summary>
    public JsonElement Progress { get; private set; }

    public long RowsRead { get; private set; }

    public long BytesWritten { get; private set; }

    public string? ErrorCode { get; private set; }

    public string? Error { get; private set; }

    public DateTimeOffset? CancelRequestedAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset AvailableAt { get; private set; }

    public DateTimeOffset? LeaseUntil { get; private set; }

    public long Fence { get; private set; }

    public int Attempts { get; private set; }

    public bool IsOpen => Status is SyncStatus.Queued or SyncStatus.Running;

    /// <summary>The request that started it, where that may be repeated.</summary>
    public Guid? RequestId { get; private init; }

    public static SyncRun Create(
        Guid connectorId, Guid userId, string trigger, IReadOnlyList<string>? streams, DateTimeOffset now, Guid? requestId = null) =>
        new(Guid.CreateVersion7(now), connectorId, userId, SyncStatus.Queued, trigger, JsonSerializer.SerializeToElement(new { }), now)
        {
            Streams = streams is null ? null : JsonSerializer.SerializeToElement(streams),
            RequestId = requestId,
        };

    public IReadOnlyList<string>? ReadStreams() => Streams?.Deserialize<List<string>>();

    public Dictionary<string, StreamProgress> ReadProgress() => Progress.Deserialize<Dictionary<string, StreamProgress>>()!;

    /// <summary>Whether somebody may take it up: nobody works on it, or whoever did shows no more life.</summary>
    public bool CanBeClaimed(DateTimeOffset now) => IsOpen && (LeaseUntil is null || LeaseUntil < now);

    public void Claim(TimeSpan lease, DateTimeOffset now)
    {
        // From here on the lease says when somebody else may take it up.
        (Status, LeaseUntil, AvailableAt, UpdatedAt) = (SyncStatus.Running, now + lease, now, now);
        StartedAt ??= now;
        Fence++;
        Attempts++;
        // What the last worker had read and not yet written is read again.
        SetProgress(ReadProgress().ToDictionary(
            stream => stream.Key, stream => stream.Value.Done ? stream.Value : stream.Value with { Rows = stream.Value.Written }));
    }

    public void Renew(long fence, TimeSpan lease, DateTimeOffset now)
    {
        RequireLease(fence);
        (LeaseUntil, UpdatedAt) = (now + lease, now);
    }

    public void RecordProgress(long fence, string stream, StreamProgress progress, DateTimeOffset now)
    {
        RequireLease(fence);
        var all = ReadProgress();
        var before = all.GetValueOrDefault(stream)?.Written ?? 0;
        all[stream] = progress;
        // An attempt that leaves something behind is not one of those that lead nowhere.
        Attempts = progress.Written > before ? 1 : Attempts;
        SetProgress(all);
        UpdatedAt = now;
    }

    /// <summary>Gives it back, for another attempt after a while. Whoever has lost it has nothing to give back.</summary>
    public void Release(long fence, TimeSpan delay, DateTimeOffset now)
    {
        if (Fence == fence && Status == SyncStatus.Running)
        {
            (Status, LeaseUntil, AvailableAt, UpdatedAt) = (SyncStatus.Queued, null, now + delay, now);
        }
    }

    /// <summary>For the sweep: nobody else takes it for a while.</summary>
    public void PutOff(TimeSpan delay, DateTimeOffset now) => AvailableAt = now + delay;

    /// <summary>Asks whoever works on it to stop; what nobody works on has ended at once.</summary>
    public void RequestCancel(DateTimeOffset now)
    {
        if (!IsOpen)
        {
            throw new ConflictException("sync_already_ended", "The sync has ended already.");
        }

        (CancelRequestedAt, UpdatedAt) = (now, now);
        if (LeaseUntil is null || LeaseUntil < now)
        {
            End(SyncStatus.Cancelled, null, null, now);
        }
    }

    public void Finish(long fence, string status, string? code, string? error, DateTimeOffset now)
    {
        RequireLease(fence);
        End(status, code, error, now);
    }

    /// <summary>Gives it up after too many starts.</summary>
    public void Abandon(DateTimeOffset now) =>
        End(SyncStatus.Failed, "sync_abandoned", "The sync was started several times and never came to an end.", now);

    private void SetProgress(Dictionary<string, StreamProgress> all)
    {
        Progress = JsonSerializer.SerializeToElement(all);
        (RowsRead, BytesWritten) = (all.Values.Sum(one => one.Rows), all.Values.Sum(one => one.Bytes));
    }

    /// <summary>Throws if whoever has this number must not write any more.</summary>
    public void RequireLease(long fence)
    {
        if (Fence != fence || Status != SyncStatus.Running)
        {
            throw new ConflictException("sync_lease_lost", "Somebody else has taken up the sync, or it has ended.");
        }
    }

    private void End(string status, string? code, string? error, DateTimeOffset now)
    {
        (Status, ErrorCode, Error) = (status, code, error?.Length > MaxErrorLength ? error[..MaxErrorLength] : error);
        (LeaseUntil, CompletedAt, UpdatedAt) = (null, now, now);
    }
}

/// <summary>The states of a sync.</summary>
internal static class SyncStatus
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
}
