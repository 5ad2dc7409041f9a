using System.Collections.Concurrent;
using System.Reflection;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.SharedKernel.Infrastructure.Events;

/// <summary>The wire names of integration events. A name is fixed by its attribute, so that types may move.</summary>
internal static class EventNames
{
    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<string, Type> Types = new();

    public static void Register(Assembly assembly)
    {
        foreach (var type in ModuleTypes.Of(assembly).Where(type => type.IsAssignableTo(typeof(IntegrationEvent))))
        {
            var name = Of(type);
            if (Types.GetOrAdd(name, type) != type)
            {
                throw new InvalidOperationException($"Two events are named {name}.");
            }
        }
    }

    public static string Of(Type type) =>
        Names.GetOrAdd(type, static key => key.GetCustomAttribute<EventNameAttribute>()?.Name
            ?? throw new InvalidOperationException($"{key} has no [EventName]."));

    public static Type? Find(string name) => Types.GetValueOrDefault(name);
}
