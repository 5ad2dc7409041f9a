using System.Text.Json;

namespace Platform.Host.Verbs;

/// <summary>How a verb reaches the Host that runs: it holds the data directory, and wrote there where everything is.</summary>
internal static class RunningHost
{
    public static string Read(IConfiguration configuration, string value)
    {
        var path = Path.Combine(configuration["Platform:DataDirectory"] ?? ".data", "connection.json");
        if (!File.Exists(path))
        {
            throw new HostStartException("host_not_running", $"There is no {path}. Start the Host first.");
        }

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty(value).GetString()!;
    }
}
