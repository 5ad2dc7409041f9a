using Npgsql;
using Platform.Host.Embedded;
using Platform.LocalSupabase.Auth.Import;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Host.Verbs;

/// <summary><c>auth import &lt;file&gt;</c>: brings users of a Supabase project into the embedded one. It may be run again.</summary>
internal sealed class AuthVerb(IConfiguration configuration) : IHostVerb
{
    private const string Usage = "usage: auth import <file>     (JSON or one user a line, as exported from auth.users and auth.identities)";

    public string Name => "auth";

    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments is not ["import", var path])
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        if (!EmbeddedMode.IsWanted(configuration))
        {
            throw new HostStartException("project_configured", "Supabase__Url names a project. Users are imported into the embedded one alone.");
        }

        if (!File.Exists(path))
        {
            await Console.Error.WriteLineAsync($"There is no {path}.");
            return 2;
        }

        await using var file = File.OpenRead(path);
        var report = await ImportAsync(file, cancellationToken);
        foreach (var line in report.Notes.Concat(report.Failures))
        {
            await Console.Error.WriteLineAsync(line);
        }

        Console.WriteLine(
            $"{report.Added} added, {report.AlreadyThere} already there, {report.Failures.Count} failed, "
            + $"{report.Notes.Count} times something was left out.");
        return report.Failures.Count == 0 ? 0 : 1;
    }

    private async Task<AuthImportReport> ImportAsync(Stream file, CancellationToken cancellationToken)
    {
        var url = new Uri(RunningHost.Read(configuration, "database_url"));
        var login = url.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Database = url.AbsolutePath.TrimStart('/'),
            Username = Uri.UnescapeDataString(login[0]),
            Password = Uri.UnescapeDataString(login[1]),
            Options = "-c role=supabase_auth_admin",     // what is imported belongs to the auth service and reaches nothing else
        };
        try
        {
            return await AuthImport.RunAsync(file, connection.ConnectionString, TimeProvider.System, cancellationToken);
        }
        catch (NpgsqlException exception) when (exception is not PostgresException)
        {
            throw new HostStartException(
                "host_not_running", $"The database of the Host cannot be reached: {exception.Message} Start the Host first.");
        }
    }
}
