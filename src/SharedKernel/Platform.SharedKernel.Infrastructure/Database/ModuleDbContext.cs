using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Events;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// A module's view of its schema. Every statement runs under the role and claims of the scope's caller; the pipeline saves and commits.
/// </summary>
/// <param name="options">Made by <c>AddModule</c>.</param>
public abstract class ModuleDbContext(DbContextOptions options) : DbContext(options)
{
    private readonly List<RowVersion> _versions = [];
    private readonly List<StreamEntry> _streamEntries = [];

    /// <summary>The schema that the module owns.</summary>
    protected abstract string Schema { get; }

    internal DbSession? Session { get; set; }

    /// <summary>Whether the identity has been set in the open transaction.</summary>
    internal bool IdentityIsSet { get; set; }

    /// <summary>Whether the save that runs now is one statement and all that the command does: it needs no transaction of its own.</summary>
    internal bool SavesOneRow { get; private set; }

    /// <summary>Whether the next statement is all that the command does: it needs no transaction of its own.</summary>
    internal bool NextStandsAlone { get; set; }

    /// <summary>Whether a statement of the open transaction failed in a way that its connection must not remember.</summary>
    internal bool StatementsMayBeSpoilt { get; set; }

    /// <summary>Whether the command that runs now starts with the identity's own result set.</summary>
    internal bool CommandIsPrefixed { get; set; }

    /// <summary>
    /// Stores an integration event: it is delivered if, and only if, the transaction commits. One that no module reacts to is not stored.
    /// </summary>
    /// <param name="integrationEvent">A fact.</param>
    public void Publish(IntegrationEvent integrationEvent)
    {
        ArgumentNullException.ThrowIfNull(integrationEvent);
        var session = RequireSession();
        if (!session.Reactions.HasReaction(integrationEvent.GetType()))
        {
            return;
        }

        var now = session.Clock.GetUtcNow();
        Set<OutboxMessage>().Add(new OutboxMessage
        {
            Id = Guid.CreateVersion7(now),
            Name = EventNames.Of(integrationEvent.GetType()),
            AggregateId = integrationEvent.AggregateId,
            UserId = session.Caller.UserIdOrNull,
            Payload = JsonSerializer.SerializeToElement(integrationEvent, integrationEvent.GetType(), PlatformJson.Options),
            OccurredAt = now,
        });
    }

    /// <summary>Whether any module reacts to a kind of event.</summary>
    /// <typeparam name="TEvent">The kind of event.</typeparam>
    /// <returns>Whether <see cref="Publish"/> would store one.</returns>
    public bool IsAwaited<TEvent>()
        where TEvent : IntegrationEvent =>
        RequireSession().Reactions.HasReaction(typeof(TEvent));

    /// <summary>
    /// Says that the next statement is all that the command does to the database: the implicit transaction of its one round trip commits
    /// it. For functions that do a whole piece of work; nothing may be tracked, published or appended beside it.
    /// </summary>
    public void NextStatementStandsAlone() => NextStandsAlone = true;

    /// <summary>Appends to a topic of the event log when the transaction commits. Its watchers are woken then.</summary>
    /// <param name="topic">The topic, for example <c>execution:…</c>.</param>
    /// <param name="userId">Whose topic it is.</param>
    /// <param name="type">The event's type, for example <c>step.finished</c>.</param>
    /// <param name="payload">The event's data, at most 256 KiB of JSON.</param>
    /// <param name="final">Whether the topic ends with it.</param>
    public void Append(string topic, Guid userId, string type, object payload, bool final = false) =>
        _streamEntries.Add(new StreamEntry(topic, userId, type, JsonSerializer.SerializeToElement(payload, PlatformJson.Options), final));

    /// <summary>The version of a tracked row, known after the save.</summary>
    /// <param name="entity">A tracked entity with a row version.</param>
    /// <returns>The version for the response.</returns>
    public RowVersion VersionOf(object entity)
    {
        var property = Entry(entity).Property("xmin");
        var version = new RowVersion(() => (uint)property.CurrentValue!);
        _versions.Add(version);
        return version;
    }

    /// <summary>Saves, writes buffered log events and remembers versions: the pipeline's part of a command.</summary>
    internal async Task FlushAsync(Preconditions preconditions, CancellationToken cancellationToken)
    {
        ApplyPreconditions(preconditions);
        SavesOneRow = Database.CurrentTransaction is null && _streamEntries.Count == 0
            && ChangeTracker.Entries().Count(entry => entry.State is not EntityState.Unchanged) == 1;
        await SaveChangesAsync(cancellationToken);
        if (_streamEntries.Count > 0)
        {
            var json = JsonSerializer.Serialize(_streamEntries, PlatformJson.Options);
            _streamEntries.Clear();
            await Database.ExecuteSqlAsync($"select platform.append_events({json}::jsonb)", cancellationToken);
        }

        foreach (var version in _versions)
        {
            _ = version.Value;
        }
    }

    /// <summary>Whether a command has something to save or to append. From here on its changes are known, until it is forgotten.</summary>
    internal bool HasPendingWork()
    {
        ChangeTracker.DetectChanges();
        ChangeTracker.AutoDetectChangesEnabled = false;
        return _streamEntries.Count > 0 || ChangeTracker.HasChanges();
    }

    /// <summary>Makes the context fit for the next unit of work of the scope.</summary>
    internal void Forget()
    {
        _versions.Clear();
        _streamEntries.Clear();
        IdentityIsSet = false;
        SavesOneRow = false;
        NextStandsAlone = false;
        StatementsMayBeSpoilt = false;
        CommandIsPrefixed = false;
        ChangeTracker.Clear();
        ChangeTracker.AutoDetectChangesEnabled = true;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        LeaveSession();
        GC.SuppressFinalize(this);
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        LeaveSession();
        GC.SuppressFinalize(this);
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfigurationsOf(GetType().Assembly);
        modelBuilder.ApplyConfiguration(new OutboxMessageConfiguration());
        modelBuilder.ApplyConfiguration(new OutboxDeliveryConfiguration());
        modelBuilder.ApplyConfiguration(new IdempotencyRecordConfiguration());
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
    }

    internal DbSession RequireSession() =>
        Session ?? throw new InvalidOperationException($"{GetType().Name} is used outside a scope of its module.");

    private static bool IsResource(EntityEntry entry, Guid? id) =>
        entry.Metadata.FindProperty("xmin") is not null && entry.Metadata.FindProperty("Id") is not null
        && (id is null || (entry.Property("Id").CurrentValue is Guid value && value == id));

    private void LeaveSession()
    {
        Forget();
        Session = null;
    }

    private void ApplyPreconditions(Preconditions preconditions)
    {
        if (preconditions.IsPending)
        {
            var entry = ChangeTracker.Entries().FirstOrDefault(candidate => IsResource(candidate, preconditions.ResourceId));
            preconditions.Check((uint?)entry?.Property("xmin").OriginalValue);
        }
    }
}
