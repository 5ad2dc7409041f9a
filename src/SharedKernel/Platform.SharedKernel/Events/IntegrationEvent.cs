using MediatR;

namespace Platform.SharedKernel.Events;

/// <summary>
/// A fact for other modules, in the past tense. Stored in the outbox with the change that caused it, delivered at least once, in order
/// per aggregate. Carries ids and facts that do not change, no entities and no secrets.
/// </summary>
/// <param name="AggregateId">The thing that the fact is about: events of one aggregate are delivered in order.</param>
public abstract record IntegrationEvent(Guid AggregateId) : INotification;

/// <summary>The event's name on the wire. Never changes; a changed shape is a new <c>.v2</c>.</summary>
/// <param name="name">For example <c>connectors.connector-deleted.v1</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventNameAttribute(string name) : Attribute
{
    /// <summary>The event's name on the wire.</summary>
    public string Name { get; } = name;
}
