namespace Platform.ArchitectureTests;

public sealed class SourceTests
{
    private const int KernelBudget = 5500;
    private static readonly string[] Frameworks = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "MediatR", "Hangfire", "Npgsql"];
    private static readonly string[] Forbidden =
        ["BeginTransaction", "SaveChanges", "new HttpClient(", "IHttpClientFactory", "PlatformDataSources", "KernelDatabase", "OptionsBuilder.UseNpgsql"];

    [Test]
    public void No_source_file_is_over_400_lines() => Assert.That(Longer(Sources.Files("src").Concat(Sources.Files("tests")), 400), Is.Empty);

    [Test]
    public void No_slice_is_over_200_lines()
    {
        var slices = Sources.Files("src/Modules").Where(file => file.Contains("/Features/", StringComparison.Ordinal)).ToList();

        Assert.That(slices, Has.Count.GreaterThan(20));
        Assert.That(Longer(slices, 200), Is.Empty);
    }

    [Test]
    public void The_kernel_keeps_its_budget() =>
        Assert.That(Sources.Files("src/SharedKernel").Sum(Lines), Is.GreaterThan(1000).And.LessThanOrEqualTo(KernelBudget));

    [Test]
    public void Domain_knows_no_framework()
    {
        var files = Sources.Files("src/Modules").Where(file => file.Contains("/Domain/", StringComparison.Ordinal)).ToList();

        Assert.That(files, Has.Count.GreaterThan(5));
        Assert.That(
            files.SelectMany(file => File.ReadLines(file)
                .Where(line => line.StartsWith("using ", StringComparison.Ordinal) && Frameworks.Any(name => line.Contains(name, StringComparison.Ordinal)))
                .Select(line => $"{Sources.Short(file)}: {line}")),
            Is.Empty);
    }

    [Test]
    public void Only_the_kernel_makes_clients_transactions_and_connections_to_the_platforms_database() =>
        Assert.That(
            Sources.Files("src/Modules").SelectMany(file => File.ReadLines(file)
                .Where(line => Forbidden.Any(name => line.Contains(name, StringComparison.Ordinal)))
                .Select(line => $"{Sources.Short(file)}: {line.Trim()}")),
            Is.Empty);

    [Test]
    public void A_file_that_opens_a_connection_of_its_own_asks_the_egress_guard()
    {
        var projects = Sources.Files("src/Modules")
            .Where(file => File.ReadAllText(file).Contains("NpgsqlConnection(", StringComparison.Ordinal)
                || File.ReadAllText(file).Contains("NpgsqlDataSourceBuilder", StringComparison.Ordinal))
            .Where(file => !Directory.EnumerateFiles(Path.GetDirectoryName(file)!, "*.cs")
                .Any(other => File.ReadAllText(other).Contains("IEgressGuard", StringComparison.Ordinal)));

        Assert.That(projects, Is.Empty);
    }

    [Test]
    public void Nothing_is_left_to_do_and_no_warning_is_switched_off() =>
        Assert.That(
            Sources.Files("src").SelectMany(file => File.ReadLines(file)
                .Where(line => line.Contains("// TODO", StringComparison.Ordinal) || line.Contains("#nullable disable", StringComparison.Ordinal)
                    || line.Contains("#region", StringComparison.Ordinal))
                .Select(line => $"{Sources.Short(file)}: {line.Trim()}")),
            Is.Empty);

    private static IEnumerable<string> Longer(IEnumerable<string> files, int limit) =>
        files.Where(file => Lines(file) > limit).Select(file => $"{Sources.Short(file)}: {Lines(file)} lines");

    private static int Lines(string file) => File.ReadLines(file).Count();
}
