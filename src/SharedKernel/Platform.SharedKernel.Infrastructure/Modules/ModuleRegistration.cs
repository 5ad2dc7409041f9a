using System.Reflection;

namespace Platform.SharedKernel.Infrastructure.Modules;

/// <summary>A module as the kernel knows it: whose context serves the messages of which assemblies.</summary>
internal sealed record ModuleRegistration(Type ContextType, Assembly Implementation, Assembly Contracts)
{
    /// <summary>The name of its ActivitySource and Meter, for example <c>Platform.Dashboards</c>.</summary>
    public string Name => Implementation.GetName().Name!;
}

/// <summary>All registered modules.</summary>
internal sealed class ModuleRegistry(IEnumerable<ModuleRegistration> registrations)
{
    private readonly Dictionary<Assembly, ModuleRegistration> _byAssembly = registrations
        .SelectMany(registration => new[] { registration.Implementation, registration.Contracts }.Select(assembly => (assembly, registration)))
        .ToDictionary(pair => pair.assembly, pair => pair.registration);

    public IEnumerable<ModuleRegistration> Modules => _byAssembly.Values.Distinct();

    /// <summary>The module that answers a message.</summary>
    public ModuleRegistration OwnerOf(Type messageType) =>
        _byAssembly.TryGetValue(messageType.Assembly, out var registration)
            ? registration
            : throw new InvalidOperationException($"{messageType} belongs to no module.");
}
