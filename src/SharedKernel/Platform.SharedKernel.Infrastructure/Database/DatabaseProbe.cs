namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>Asks whether the database answers people's login.</summary>
public sealed class DatabaseProbe
{
    private readonly PlatformDataSources _dataSources;

    internal DatabaseProbe(PlatformDataSources dataSources) => _dataSources = dataSources;

    /// <summary>Runs the smallest statement. Throws where the database does not answer.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it has answered.</returns>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await using var command = _dataSources.Api.CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
