using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase.TestHost;

/// <summary>The storage service on a database that others started, with files of its own. Answers "ready URL".</summary>
internal static class StorageHost
{
    private sealed record Settings(string Secret, string Key, string Storage, string Authenticator);

    public static async Task<int> RunAsync(string directory, string options)
    {
        var settings = JsonSerializer.Deserialize<Settings>(options)!;
        var url = "";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpClient();
        builder.Services.AddAuthentication();
        builder.Services.AddLocalSupabase(new LocalSupabaseOptions
        {
            Url = () => url,
            JwtSecret = settings.Secret,
            AnonKey = settings.Key,
            ServiceRoleKey = settings.Key,
            AuthConnectionString = settings.Storage,
            StorageConnectionString = settings.Storage,
            AuthenticatorConnectionString = settings.Authenticator,
            RealtimeConnectionString = settings.Storage,
            FunctionsDatabaseUrl = "",
            FunctionsCacheDirectory = Path.Combine(directory, "functions"),
            StorageDirectory = directory,
            Storage = new StorageOptions(),
        });
        await using var application = builder.Build();
        application.UseAuthentication();
        application.MapLocalSupabase();
        await application.StartAsync();
        url = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await Console.Out.WriteLineAsync($"ready {url}");
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
