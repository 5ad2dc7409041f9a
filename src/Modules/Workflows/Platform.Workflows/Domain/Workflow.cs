using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>A workflow: its draft, and which version is published.</summary>
internal sealed class Workflow
{
    public const int MaxNameLength = 120;
    public const int MaxDescriptionLength = 2000;

    private readonly List<WorkflowVersion> _versions = [];

    private Workflow(
        Guid id, Guid userId, string name, string? description, JsonElement steps, JsonElement config, string status, int? publishedVersion,
        DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, UserId, Name, Description, Steps, Config) = (id, userId, name, description, steps, config);
        (Status, PublishedVersion, CreatedAt, UpdatedAt) = (status, publishedVersion, createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private set; }

    public string? Description { get; private set; }

    public JsonElement Steps { get; private set; }

    public JsonElement Config { get; private set; }

    public string Status { get; private set; }

    public int? PublishedVersion { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public IReadOnlyList<WorkflowVersion> Versions => _versions;

    public static Workflow Create(Guid userId, string name, string? description, JsonElement steps, JsonElement config, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), userId, name.Trim(), description, steps, config, WorkflowStatus.Draft, null, now, now);

    public void Rename(string name, DateTimeOffset now) => (Name, UpdatedAt) = (name.Trim(), now);

    public void Describe(string? description, DateTimeOffset now) => (Description, UpdatedAt) = (description, now);

    public void ReplaceSteps(JsonElement steps, DateTimeOffset now) => (Steps, UpdatedAt) = (steps, now);

    public void Configure(JsonElement config, DateTimeOffset now) => (Config, UpdatedAt) = (config, now);

    /// <summary>Lets nothing new start. What runs goes on.</summary>
    /// <returns>Whether it was published, so that there is something to pause.</returns>
    public bool TryPause(DateTimeOffset now) => TrySetStatus(WorkflowStatus.Paused, now);

    /// <summary>Lets executions start again.</summary>
    /// <returns>Whether it was published, so that there is something to resume.</returns>
    public bool TryResume(DateTimeOffset now) => TrySetStatus(WorkflowStatus.Active, now);

    private bool TrySetStatus(string status, DateTimeOffset now)
    {
        if (Status == WorkflowStatus.Draft)
        {
            return false;
        }

        (Status, UpdatedAt) = (status, Status == status ? UpdatedAt : now);
        return true;
    }

    /// <summary>Freezes the draft as a new version; executions start on it from now on.</summary>
    public WorkflowVersion Publish(DateTimeOffset now)
    {
        PublishedVersion = (PublishedVersion ?? 0) + 1;
        Status = WorkflowStatus.Active;
        UpdatedAt = now;
        var version = WorkflowVersion.Of(this, now);
        _versions.Add(version);
        return version;
    }
}

/// <summary>The states of a workflow.</summary>
internal static class WorkflowStatus
{
    public const string Draft = "draft";
    public const string Active = "active";
    public const string Paused = "paused";
}

/// <summary>What was published. Never changes; running executions stay on it.</summary>
internal sealed class WorkflowVersion
{
    private WorkflowVersion(Guid id, Guid userId, int version, JsonElement steps, JsonElement config, DateTimeOffset createdAt) =>
        (Id, UserId, Version, Steps, Config, CreatedAt) = (id, userId, version, steps, config, createdAt);

    public Guid Id { get; private init; }

    public Guid WorkflowId { get; private init; }

    public Guid UserId { get; private init; }

    public int Version { get; private init; }

    public JsonElement Steps { get; private init; }

    public JsonElement Config { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static WorkflowVersion Of(Workflow workflow, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), workflow.UserId, workflow.PublishedVersion!.Value, workflow.Steps, workflow.Config, now);
}
