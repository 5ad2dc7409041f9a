using Platform.Host.Embedded;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Host.Verbs;

/// <summary><c>admin grant|revoke &lt;email&gt;</c>: makes a person staff, or takes it back. Takes effect with their next token.</summary>
internal sealed class AdminVerb(IConfiguration configuration) : IHostVerb
{
    private const string Usage = "usage: admin grant <email> [support|admin]  |  admin revoke <email>";

    public string Name => "admin";

    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var (role, email) = arguments switch
        {
            ["grant", var address] => ("admin", address),
            ["grant", var address, "support" or "admin"] => (arguments[2], address),
            ["revoke", var address] => ((string?)null, address),
            _ => (null, null),
        };
        if (email is null)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        using var services = Gateway();
        var gateway = services.GetRequiredService<AuthAdminGateway>();
        if (await gateway.FindByEmailAsync(email, cancellationToken) is not { } userId)
        {
            await Console.Error.WriteLineAsync($"Nobody signed up as {email}.");
            return 1;
        }

        await gateway.SetAppMetadataAsync(userId, new Dictionary<string, string?> { ["role"] = role }, cancellationToken);
        Console.WriteLine(role is null ? $"{email} is no longer staff." : $"{email} is now {role}; it takes effect with their next sign-in.");
        return 0;
    }

    private ServiceProvider Gateway()
    {
        var settings = EmbeddedMode.IsWanted(configuration) ? ReadConnectionFile() : [];
        var combined = new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(combined);
        services.AddLogging();
        services.AddSupabaseGateways();
        return services.BuildServiceProvider();
    }

    private Dictionary<string, string?> ReadConnectionFile() => new()
    {
        ["Supabase:Url"] = RunningHost.Read(configuration, "url"),
        ["Supabase:ServiceRoleKey"] = RunningHost.Read(configuration, "service_role_key"),
    };
}
