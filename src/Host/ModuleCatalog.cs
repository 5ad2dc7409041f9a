using Platform.Artifacts;
using Platform.Chat;
using Platform.Connectors;
using Platform.Dashboards;
using Platform.Identity;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows;

namespace Platform.Host;

/// <summary>The list of modules. Host, migrator, jobs and tests all read it; a module is registered nowhere else.</summary>
internal static class ModuleCatalog
{
    public static IReadOnlyList<IModule> Modules { get; } =
    [
        new IdentityModule(),
        new ConnectorsModule(),
        new DashboardsModule(),
        new WorkflowsModule(),
        new ArtifactsModule(),
        new ChatModule(),
    ];
}
