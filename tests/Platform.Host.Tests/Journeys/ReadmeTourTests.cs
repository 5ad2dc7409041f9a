using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>The README's tour, pasted as it stands into a shell, against the product as a process.</summary>
public sealed partial class ReadmeTourTests
{
    private static readonly string[] Header = ["set -euo pipefail", "trap './samples/second-postgres.sh stop' EXIT"];

    [Test]
    public async Task The_tour_works_when_pasted()
    {
        var dataDirectory = Path.Combine(Path.GetTempPath(), $"platform-tour-{Path.GetRandomFileName()}");
        var url = $"http://127.0.0.1:{HostProcess.FreePort()}";
        var postgresPort = HostProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        try
        {
            using var host = await HostProcess.StartAsync(dataDirectory, url);
            var script = string.Join('\n', Header.Concat(Blocks().Matches(File.ReadAllText(RepositoryFiles.Path("README.md")))
                    .Select(match => match.Groups[1].Value)))
                .Replace("http://127.0.0.1:5080", url, StringComparison.Ordinal)
                .Replace(".data/connection.json", Path.Combine(dataDirectory, "connection.json"), StringComparison.Ordinal)
                .Replace("54330", postgresPort, StringComparison.Ordinal);

            var output = await RunAsync(script, postgresPort);

            ExpectTheRightNumbers(output);
            Assert.That(output, Does.Contain("event: message.end"));
            Assert.That(output, Does.Contain("[\"wet months\",\"table\"]"));
            Assert.That(output, Does.Contain("\"chart\"]"));
            foreach (var list in new[] { "connectors", "dashboards", "workflows", "artifacts", "chat/sessions" })
            {
                Assert.That(output, Does.Contain($"[\"{list}\",0]"), "The second person sees something.");
            }

            Assert.That(output, Does.Contain("dashboard_not_found"));
            await host.StopAsync();
        }
        finally
        {
            Directory.Delete(dataDirectory, recursive: true);
        }
    }

    private static void ExpectTheRightNumbers(string output)
    {
        var days = File.ReadLines(RepositoryFiles.Path("samples/seattle-weather.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        var rainy = days.Count(day => day[5] == "rain");
        var warmest = days.GroupBy(day => day[0][..4])
            .OrderBy(year => year.Key)
            .Select(year => string.Create(
                CultureInfo.InvariantCulture,
                $"[{year.Key},{year.Max(day => double.Parse(day[2], CultureInfo.InvariantCulture)):0.###}]"));

        Assert.That(output, Does.Match($"event: sync.finished\n.*\"rows\": {days.Count}.*\"succeeded\""));
        Assert.That(output, Does.Contain("[\"2012-01-01\",0,12.8,5,4.7,\"drizzle\"]"));
        Assert.That(output, Does.Contain($"[\"ok\",[[{rainy}]]]"));
        Assert.That(output, Does.Contain($"[\"ok\",[{string.Join(',', warmest)}]]"));
        Assert.That(output, Does.Contain("[[\"Sand Point\",18],[\"Sea-Tac\",132]]"));
    }

    private static async Task<string> RunAsync(string script, string postgresPort)
    {
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = RepositoryFiles.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SECOND_POSTGRES_PORT"] = postgresPort;
        start.Environment["SECOND_POSTGRES_DIRECTORY"] = Path.Combine(Path.GetTempPath(), $"platform-second-{postgresPort}");
        using var shell = Process.Start(start) ?? throw new InvalidOperationException("There is no bash.");
        await shell.StandardInput.WriteAsync(script);
        shell.StandardInput.Close();
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token);
        Assert.That(shell.ExitCode, Is.Zero, $"{await output}\n{await errors}");
        return await output;
    }

    [GeneratedRegex(@"```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
