using Platform.Host.Embedded;
using Platform.Host.Migrations;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Host.Verbs;

/// <summary><c>migrate</c>: applies the migrations and exits.</summary>
internal sealed class MigrateVerb(IConfiguration configuration, ILoggerFactory loggers) : IHostVerb
{
    public string Name => "migrate";

    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (EmbeddedMode.IsWanted(configuration))
        {
            await using var embedded = await EmbeddedMode.StartAsync(configuration, loggers, cancellationToken);
            return 0;
        }

        var owner = configuration["Database:Owner"]
            ?? throw new HostStartException("owner_not_configured", "Set Database__Owner to the connection string of the schemas' owner.");
        await new Migrator(new MigrationOptions { OwnerConnectionString = owner }, loggers.CreateLogger<Migrator>()).ApplyAsync(cancellationToken);
        return 0;
    }
}
