namespace Platform.Identity.Domain;

/// <summary>A copy of all that is a person's, made by a job.</summary>
internal sealed class Export
{
    public const string Queued = "queued";
    public const string Running = "running";

    /// <summary>After this time nobody works on it any more: its job has died for good.</summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromHours(1);

    private Export(Guid id, Guid userId, string status, Guid? artifactId, DateTimeOffset createdAt, DateTimeOffset? completedAt) =>
        (Id, UserId, Status, ArtifactId, CreatedAt, CompletedAt) = (id, userId, status, artifactId, createdAt, completedAt);

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Status { get; private set; }

    public Guid? ArtifactId { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public bool IsActive => Status is Queued or Running;

    public static string TopicOf(Guid id) => $"export:{id}";

    public static Export Create(Guid userId, DateTimeOffset now) => new(Guid.CreateVersion7(now), userId, Queued, null, now, null);

    public void Start() => Status = Running;

    public void Succeed(Guid artifactId, DateTimeOffset now) => (Status, ArtifactId, CompletedAt) = ("succeeded", artifactId, now);

    public void Fail(DateTimeOffset now) => (Status, CompletedAt) = ("failed", now);
}
