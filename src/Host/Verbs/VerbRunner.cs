using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Host.Verbs;

/// <summary>Runs a verb of the command line: the Host's own, or a module's.</summary>
internal static class VerbRunner
{
    public static async Task<int> RunAsync(string name, string[] arguments)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddLogging(logging => logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        services.AddPlatformKernel();
        services.AddSingleton<IHostVerb, MigrateVerb>();
        services.AddSingleton<IHostVerb, AdminVerb>();
        services.AddSingleton<IHostVerb, AuthVerb>();
        foreach (var module in ModuleCatalog.Modules)
        {
            services.AddSingleton(module);
            module.AddServices(services, configuration);
        }

        await using var provider = services.BuildServiceProvider();
        var verbs = provider.GetServices<IHostVerb>().ToDictionary(verb => verb.Name);
        if (!verbs.TryGetValue(name, out var verb))
        {
            await Console.Error.WriteLineAsync($"There is no verb '{name}'. Known: {string.Join(", ", verbs.Keys.Order())}.");
            return 2;
        }

        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            cancellation.Cancel();
        };
        try
        {
            return await verb.RunAsync(arguments, cancellation.Token);
        }
        catch (Exception exception) when (PlatformHost.Explain(exception) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return 1;
        }
    }
}
