using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>Npgsql writes <c>timestamptz</c> in UTC only.</summary>
internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(value => value.ToUniversalTime(), value => value);
