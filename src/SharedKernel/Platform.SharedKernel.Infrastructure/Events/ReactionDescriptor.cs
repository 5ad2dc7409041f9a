using System.Reflection;
using MediatR;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.SharedKernel.Infrastructure.Events;

/// <summary>A reaction to an integration event: delivered and recorded on its own, so that a failing one repeats alone.</summary>
internal sealed record ReactionDescriptor(Type EventType, Type HandlerType)
{
    private static readonly MethodInfo InvokeMethod =
        typeof(ReactionDescriptor).GetMethod(nameof(InvokeTypedAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The stable name of the delivery record.</summary>
    public string Name => $"{HandlerType.Assembly.GetName().Name}.{HandlerType.Name}";

    public static IEnumerable<ReactionDescriptor> In(Assembly assembly) =>
        from found in ModuleTypes.Implementing(typeof(INotificationHandler<>), assembly)
        let eventType = found.Contract.GetGenericArguments()[0]
        where eventType.IsAssignableTo(typeof(IntegrationEvent))
        select new ReactionDescriptor(eventType, found.Class);

    public Task InvokeAsync(object handler, IntegrationEvent integrationEvent, CancellationToken cancellationToken) =>
        (Task)InvokeMethod.MakeGenericMethod(EventType).Invoke(null, [handler, integrationEvent, cancellationToken])!;

    private static Task InvokeTypedAsync<TEvent>(object handler, TEvent integrationEvent, CancellationToken cancellationToken)
        where TEvent : IntegrationEvent => ((INotificationHandler<TEvent>)handler).Handle(integrationEvent, cancellationToken);
}

/// <summary>The kinds of events that anybody in this composition reacts to: the others need not be stored.</summary>
internal sealed class ReactionIndex(IEnumerable<ReactionDescriptor> reactions)
{
    private readonly HashSet<Type> _types = [.. reactions.Select(reaction => reaction.EventType)];

    public bool HasReaction(Type eventType) => _types.Contains(eventType);
}
